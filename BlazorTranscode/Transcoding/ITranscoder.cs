using BlazorTranscode.Audio;

namespace BlazorTranscode.Transcoding;

/// <summary>An engine. ffmpeg on this machine works until the end and says how it ended; an engine elsewhere takes the order and reports later.</summary>
internal interface ITranscoder
{
    /// <summary>Stored with each job that it takes.</summary>
    string Name { get; }

    /// <summary>Whether the work is done elsewhere, so that its end is reported and not returned.</summary>
    bool IsRemote => false;

    /// <summary>
    /// Works on one attempt. Returns the terminal report, or <see cref="JobState.Submitted"/> with the engine's id where the work goes on
    /// elsewhere. A failure of the work is a report, not an exception; an exception is a failure of the engine, or of the media store.
    /// </summary>
    /// <param name="order">What to make.</param>
    /// <param name="progress">Takes the share that is done, 0 to 1, as often as the engine likes.</param>
    /// <param name="cancellationToken">Stops the work: its owner cancelled it, or the app is stopping.</param>
    Task<JobReport> StartAsync(TranscodeOrder order, IProgress<double> progress, CancellationToken cancellationToken);

    /// <summary>Why it cannot work at this moment, as a sentence for an administrator; jobs wait meanwhile. Null if it can.</summary>
    string? Unavailable => null;

    /// <summary>Whether a job may be begun. An engine may let one through while it is unavailable, to see whether it works again.</summary>
    bool Admits => Unavailable is null;

    /// <summary>Something else that asked it was not answered.</summary>
    void Doubt(Exception trouble)
    {
    }

    /// <summary>A report of one of its jobs has come in: it may tell something about the engine as a whole.</summary>
    void Heard(JobReport report)
    {
    }

    /// <summary>
    /// Asks an engine elsewhere how a job that it has taken stands. Null where there is nothing to ask, or the engine knows no such job
    /// <em>yet</em>; a job that has vanished is reported as failed and retryable.
    /// </summary>
    Task<JobReport?> AskAsync(TranscodeJob job, CancellationToken cancellationToken) => Task.FromResult<JobReport?>(null);

    /// <summary>Why it cannot make this, as a sentence for the person who would choose it; null if it can.</summary>
    string? Refuses(Preset preset) => null;

    /// <summary>
    /// Asks an engine elsewhere to stop. The job counts as cancelled whether or not it manages; that it has ended, or is not known there, is
    /// an answer. An exception means that the engine has not answered and is to be asked again.
    /// </summary>
    Task CancelAsync(Guid jobId, string engineJobId, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>One attempt at one job.</summary>
/// <param name="JobId">Our id of the job.</param>
/// <param name="Attempt">The attempt, from 1.</param>
/// <param name="SourceKey">The source in the media store.</param>
/// <param name="SourceName">What the person called the file; for tags and titles, never a path.</param>
/// <param name="Presets">What to make; at least one.</param>
internal sealed record TranscodeOrder(Guid JobId, int Attempt, string SourceKey, string SourceName, IReadOnlyList<Preset> Presets)
{
    /// <summary>The key an output is stored under.</summary>
    public string OutputKey(Preset preset) => $"{OutputFolder(JobId, Attempt)}audio{preset.Extension}";

    /// <summary>What the keys of all outputs of one attempt begin with, and of no other.</summary>
    public static string OutputFolder(Guid jobId, int attempt) => $"renditions/{jobId:N}/{attempt}/";
}
