using System.Collections.Concurrent;
using BlazorTranscode.Messages;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// Tells whoever looks that a person's jobs have changed, and how far the running ones are. Nothing here is kept: what nobody sees is
/// thrown away, and after a restart the share starts from nothing again.
/// </summary>
internal sealed partial class JobFeed(ILogger<JobFeed> logger) : UserFeed<JobChange>
{
    private readonly ConcurrentDictionary<Guid, double> _progress = new();

    /// <summary>How much of a running job is done, 0 to 1; null if it is not known.</summary>
    public double? ProgressOf(Guid jobId) => _progress.TryGetValue(jobId, out var share) ? share : null;

    /// <summary>The rows of this person's files or jobs have changed: read them again.</summary>
    public void Changed(string ownerId, Guid jobId)
    {
        _progress.TryRemove(jobId, out _);
        Publish(ownerId, new JobChange(jobId, null));
    }

    /// <summary>A running job has come to this share, 0 to 1.</summary>
    public void Progressed(string ownerId, Guid jobId, double share)
    {
        _progress[jobId] = share;
        Publish(ownerId, new JobChange(jobId, share));
    }

    protected override void HandlerFailed(Exception exception) => LogHandlerFailed(exception);

    [LoggerMessage(LogLevel.Error, "A subscriber of the job feed failed")]
    private partial void LogHandlerFailed(Exception exception);
}

/// <summary>Something about a job is new.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Progress">The share that is done, or null when its row has changed.</param>
internal readonly record struct JobChange(Guid JobId, double? Progress);
