namespace BlazorTranscode.Library;

/// <summary>Where a file stands, in the words of its owner.</summary>
public enum FileState
{
    /// <summary>Waits for its turn.</summary>
    Queued,

    /// <summary>An engine is at work, or has been asked to be.</summary>
    Running,

    /// <summary>Every format is there.</summary>
    Ready,

    /// <summary>Every format is there, but something deserves a look.</summary>
    ReadyWithWarning,

    /// <summary>Could not be converted.</summary>
    Failed,

    /// <summary>Stopped by its owner.</summary>
    Cancelled,
}

/// <summary>A file as its owner's list shows it. Equal means: looks the same.</summary>
/// <param name="JobId">The latest job.</param>
/// <param name="Length">Size of the source in bytes.</param>
/// <param name="Duration">How long it plays; null until that is known.</param>
/// <param name="Place">While it is queued: its place in the line, from 1.</param>
/// <param name="Reason">Why it failed, or the warning.</param>
/// <param name="Expected">When it may be ready; null where an engine tells how far it is, or too little is known.</param>
public sealed record LibraryItem(
    Guid Id, string Name, long Length, TimeSpan? Duration, DateTimeOffset UploadedAt, Guid JobId, FileState State, int? Place, string? Reason,
    Expectation? Expected = null)
{
    /// <summary>While it is queued: what keeps every file waiting, as it follows on “Waiting:”; null if nothing does.</summary>
    public string? Waiting { get; init; }

    public bool CanCancel => State is FileState.Queued or FileState.Running;
    public bool CanRetry => State is FileState.Failed or FileState.Cancelled;
    public bool IsReady => State is FileState.Ready or FileState.ReadyWithWarning;
}

/// <summary>What may be expected of a job that tells no percentage, from what others before it took.</summary>
/// <param name="Usual">From its submission to its end.</param>
/// <param name="LateAt">From when on it is clearly later than that.</param>
/// <param name="IsLate">Whether it was so when this was read.</param>
public sealed record Expectation(TimeSpan Usual, DateTimeOffset LateAt, bool IsLate);

/// <summary>Part of a list.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="Total">How many there are in all.</param>
internal sealed record LibraryList(IReadOnlyList<LibraryItem> Items, int Total)
{
    public static LibraryList Empty { get; } = new([], 0);
}

/// <summary>A file as its own page shows it.</summary>
/// <param name="Detail">The engine's own words about the failure or the warning.</param>
internal sealed record LibraryFile(LibraryItem Item, string? Detail, IReadOnlyList<LibraryFormat> Formats);

/// <summary>One format of a file that can be played and downloaded.</summary>
/// <param name="Length">Size in bytes; 0 while it is not known.</param>
internal sealed record LibraryFormat(string PresetId, string Label, string Note, string ContentType, long Length, TimeSpan Duration);
