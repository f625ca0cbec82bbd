using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Uploads;

namespace BlazorTranscode.Administration;

/// <summary>One object of the store that no row knows.</summary>
/// <param name="Handle">The store's handle of an unfinished one; null for a whole one.</param>
/// <param name="Length">Size in bytes; null where the store does not say.</param>
internal sealed record UnknownObject(string Key, string? Handle, DateTimeOffset Modified, long? Length);

/// <summary>What one look through the store has found so far.</summary>
internal sealed class StoreListing
{
    /// <summary>The most that are listed at once. They can be moved to the trash, and then come the next.</summary>
    public const int MostListed = 10_000;

    private const int Batch = 500;

    /// <summary>Objects looked at, whole and unfinished.</summary>
    public int Looked { get; private set; }

    /// <summary>Objects whose names this program does not give, so that they are somebody else's.</summary>
    public int OtherNames { get; private set; }

    /// <summary>How many no row knows; <see cref="Objects"/> has the first of them.</summary>
    public int Unknown { get; private set; }

    public long UnknownBytes { get; private set; }

    public List<UnknownObject> Objects { get; } = [];

    /// <summary>Reads the store batch by batch.</summary>
    public async Task ReadAsync(IMediaStore store, AppDbContext db, Action moved, CancellationToken cancellationToken)
    {
        var whole = store.ListAsync(cancellationToken).Select(o => new UnknownObject(o.Key, null, o.Modified, o.Length));
        var unfinished = store.ListUnfinishedAsync(cancellationToken).Select(o => new UnknownObject(o.Key, o.Handle, o.Modified, o.Length));
        await foreach (var batch in whole.Concat(unfinished).Chunk(Batch).WithCancellation(cancellationToken))
        {
            var ours = batch.Where(o => MediaKey.IsOurs(o.Key)).ToList();
            var known = await KeysOfRows.KnownAmongAsync(db, [.. ours.Select(o => o.Key)], cancellationToken);
            var unknown = ours.Where(o => !known.Contains(o.Key)).ToList();
            (Looked, OtherNames) = (Looked + batch.Length, OtherNames + batch.Length - ours.Count);
            (Unknown, UnknownBytes) = (Unknown + unknown.Count, UnknownBytes + unknown.Sum(o => o.Length ?? 0));
            Objects.AddRange(unknown.Take(MostListed - Objects.Count));
            moved();
        }
    }
}
