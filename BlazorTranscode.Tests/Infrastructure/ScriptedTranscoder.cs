using System.Collections.Concurrent;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>An engine that does what a test says: for what surrounds an engine. The engines themselves are tested as they are.</summary>
internal sealed class ScriptedTranscoder(IMediaStore store) : ITranscoder
{
    public string Name => "scripted";

    public bool IsRemote { get; init; }

    public string? Unavailable { get; set; }

    /// <summary>Every order in the sequence in which it was started.</summary>
    public ConcurrentQueue<TranscodeOrder> Orders { get; } = new();

    /// <summary>What it does with an order; by default it makes every output at once.</summary>
    public Func<TranscodeOrder, IProgress<double>, CancellationToken, Task<JobReport>>? Work { get; set; }

    /// <summary>What it answers when it is asked.</summary>
    public Func<TranscodeJob, JobReport?>? Answer { get; set; }

    public ConcurrentQueue<Guid> CancelledJobs { get; } = new();

    /// <summary>What it answers to a cancellation instead of an answer.</summary>
    public Exception? CancelFault { get; set; }

    public ConcurrentQueue<Exception> Doubts { get; } = new();

    public void Doubt(Exception trouble) => Doubts.Enqueue(trouble);

    public Task<JobReport> StartAsync(TranscodeOrder order, IProgress<double> progress, CancellationToken cancellationToken)
    {
        Orders.Enqueue(order);
        return Work is null ? SucceedAsync(order) : Work(order, progress, cancellationToken);
    }

    public Task<JobReport?> AskAsync(TranscodeJob job, CancellationToken cancellationToken) => Task.FromResult(Answer?.Invoke(job));

    public Task CancelAsync(Guid jobId, string engineJobId, CancellationToken cancellationToken)
    {
        CancelledJobs.Enqueue(jobId);
        return CancelFault is { } fault ? Task.FromException(fault) : Task.CompletedTask;
    }

    /// <summary>Puts a few bytes in the store for each preset and says that all went well.</summary>
    public async Task<JobReport> SucceedAsync(TranscodeOrder order)
    {
        var outputs = new List<JobOutput>();
        foreach (var preset in order.Presets)
        {
            var path = Path.GetTempFileName();
            await File.WriteAllTextAsync(path, "audio");
            await store.ImportAsync(order.OutputKey(preset), path, CancellationToken.None);
            outputs.Add(new(preset.Id, order.OutputKey(preset), 5, TimeSpan.FromSeconds(1)));
        }

        return new(order.JobId, order.Attempt, JobState.Succeeded) { Outputs = outputs, SourceDuration = TimeSpan.FromSeconds(1) };
    }

    public static JobReport Fail(TranscodeOrder order, bool retryable) =>
        new(order.JobId, order.Attempt, JobState.Failed) { Reason = "It broke.", Detail = "code 7", Retryable = retryable };
}
