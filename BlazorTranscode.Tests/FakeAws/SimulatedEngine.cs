using System.Collections.Concurrent;
using System.Text.Json;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.MediaConvert;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>An engine elsewhere that the simulator drives: it takes orders, and publishes to a topic what a test lets happen to them.</summary>
internal sealed class SimulatedEngine : ITranscoder
{
    private readonly ConcurrentDictionary<Guid, (TranscodeJob Job, string Status)> _jobs = new();

    /// <summary>Where it publishes.</summary>
    public SimulatedTopic? Topic { get; set; }

    /// <summary>Where it writes its outputs; null makes none.</summary>
    public IMediaStore? Store { get; set; }

    public string Name => MediaConvertEvent.Engine;

    public bool IsRemote => true;

    /// <summary>Runs after an order is taken and before our side hears the engine's id.</summary>
    public Func<TranscodeJob, Task>? BeforeAnswer { get; set; }

    public IReadOnlyCollection<Guid> JobIds => [.. _jobs.Keys];

    public async Task<JobReport> StartAsync(TranscodeOrder order, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var job = new TranscodeJob
        {
            Id = order.JobId, AudioFileId = Guid.Empty, OwnerId = "", PresetIds = [.. order.Presets.Select(p => p.Id)], Attempt = order.Attempt,
            CreatedAt = default, EngineJobId = $"1671477617078-{Guid.NewGuid():N}",
        };
        _jobs[job.Id] = (job, "PROGRESSING");
        if (Store is { } store)
            await new ScriptedTranscoder(store).SucceedAsync(order);
        if (BeforeAnswer is { } work)
            await work(job);
        return new(order.JobId, order.Attempt, JobState.Submitted) { EngineJobId = job.EngineJobId };
    }

    /// <summary>Lets a job come to this status and publishes it.</summary>
    public Task<SnsOutcome> PublishAsync(Guid jobId, string status, int? errorCode = null)
    {
        var job = _jobs[jobId].Job;
        if (status is "COMPLETE" or "ERROR")
            _jobs[jobId] = (job, status);
        return Topic!.PublishAsync(EnginePayloads.MediaConvert(job, status, errorCode));
    }

    public Task<JobReport?> AskAsync(TranscodeJob job, CancellationToken cancellationToken)
    {
        if (!_jobs.TryGetValue(job.Id, out var known))
            return Task.FromResult<JobReport?>(null);
        using var payload = JsonDocument.Parse(EnginePayloads.MediaConvert(known.Job, known.Status));
        return Task.FromResult(MediaConvertEvent.Read(payload.RootElement)?.For(job, ReportSource.Reconciler));
    }
}
