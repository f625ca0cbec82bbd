using BlazorTranscode.Data;

namespace BlazorTranscode.Storage;

/// <summary>
/// What rows say about the store. Storage knows no rows but its own, so the folder that knows all of them registers these.
/// </summary>
/// <param name="AmongAsync">Which of these keys a file, a format or an unfinished upload names.</param>
/// <param name="UnfinishedAmongAsync">Which of these keys an unfinished upload names.</param>
/// <param name="SampleAsync">Some keys of whole objects that rows name, the oldest and the newest of them; none only if no row names one.</param>
internal sealed record NamedKeys(
    Func<AppDbContext, IReadOnlyCollection<string>, CancellationToken, Task<HashSet<string>>> AmongAsync,
    Func<AppDbContext, IReadOnlyCollection<string>, CancellationToken, Task<HashSet<string>>> UnfinishedAmongAsync,
    Func<AppDbContext, CancellationToken, Task<List<string>>> SampleAsync);
