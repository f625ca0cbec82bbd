namespace BlazorTranscode.Transcoding;

/// <summary>What an engine says of a job. Every engine, and every way to hear from one, ends in <see cref="JobReports"/> with this.</summary>
/// <param name="JobId">Our id of the job.</param>
/// <param name="Attempt">The attempt it speaks of; a report of an older one changes nothing.</param>
/// <param name="State">What the job has come to.</param>
internal sealed record JobReport(Guid JobId, int Attempt, JobState State)
{
    /// <summary>How we heard of it.</summary>
    public ReportSource Source { get; init; } = ReportSource.Worker;

    /// <summary>The engine's own id of the job, where it has one.</summary>
    public string? EngineJobId { get; init; }

    /// <summary>How long the source plays, as decoded, if the engine knows.</summary>
    public TimeSpan? SourceDuration { get; init; }

    /// <summary>What was made; only with <see cref="JobState.Succeeded"/>, and then one for each preset of the job.</summary>
    public IReadOnlyList<JobOutput> Outputs { get; init; } = [];

    /// <summary>Why it failed, or what deserves a look although it succeeded: one sentence for its owner.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// The engine's own words about the file: code, last lines of its log. They are shown to its owner, so nothing of the operator's belongs
    /// here. At most 4,000 characters are kept.
    /// </summary>
    public string? Detail { get; init; }

    /// <summary>With <see cref="JobState.Failed"/>: whether another attempt could end better. A file that is not audio will not become audio.</summary>
    public bool Retryable { get; init; }

    /// <summary>
    /// With <see cref="JobState.Failed"/>: what was at fault instead of the file, such as the engine as a whole, a permission or the media
    /// store; for the log and administrators. The job goes back to the queue, and no failure is counted.
    /// </summary>
    public string? Outage { get; init; }

    /// <summary>The engine may still be at work, and is to be told to stop.</summary>
    public bool IsGivenUp { get; init; }
}

/// <summary>The ways to hear from an engine.</summary>
internal enum ReportSource
{
    /// <summary>The worker in this program did the work or handed it over.</summary>
    Worker = 1,

    /// <summary>A delivery to the webhook.</summary>
    Webhook = 2,

    /// <summary>A message from the queue.</summary>
    Queue = 3,

    /// <summary>We asked, because nobody had told us.</summary>
    Reconciler = 4,
}

/// <summary>One finished output, already in the media store.</summary>
/// <param name="PresetId">The preset it was made with.</param>
/// <param name="StorageKey">Where it lies; contains the attempt, so that two attempts never write to one place.</param>
/// <param name="Length">Bytes; null if the engine does not say.</param>
/// <param name="Duration">How long it plays, as decoded.</param>
internal sealed record JobOutput(string PresetId, string StorageKey, long? Length, TimeSpan Duration);
