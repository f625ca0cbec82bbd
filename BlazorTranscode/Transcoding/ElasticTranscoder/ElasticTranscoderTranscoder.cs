using System.Globalization;
using BlazorTranscode.Audio;
using BlazorTranscode.Aws;
using BlazorTranscode.Storage;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.ElasticTranscoder;

/// <summary>
/// Amazon Elastic Transcoder, or what speaks like it. It works with the system presets, which are found by name once the service answers;
/// AWS itself has switched it off.
/// </summary>
internal sealed class ElasticTranscoderTranscoder(
    ElasticTranscoderClient client, IOptions<ElasticTranscoderOptions> options, IOptions<StorageOptions> storage, TimeProvider time,
    ILogger<ElasticTranscoderTranscoder> logger) : RemoteTranscoder(time, logger)
{
    /// <summary>What the system presets are called, after "System preset: ". There is none for Opus, and AAC has no 192 kbit/s.</summary>
    private static readonly Dictionary<string, string> PresetNames = new()
    {
        ["mp3"] = "Audio MP3 - 192k", ["m4a"] = "Audio AAC - 160k", ["flac"] = "FLAC - CD", ["wav"] = "Audio WAV 44100 Hz, 16 bit",
    };

    private static readonly TimeSpan FoundWithin = TimeSpan.FromMinutes(2);

    private readonly TimeProvider _time = time;
    private string _pipelineId = "";
    private Dictionary<string, string> _presetIds = [];

    public override string Name => ElasticTranscoderNotification.Engine;

    protected override string WhatToCheck => "Check the policy of the app's AWS identity (elastictranscoder:*) and Aws:Region.";

    protected override string WhatToCheckInOrders => "Check ElasticTranscoder:Pipeline and its role.";

    public override string? Refuses(Preset preset) =>
        !PresetNames.TryGetValue(preset.Id, out var name) ? $"The conversion service in use cannot make {preset.Label}."
        : Unavailable is null && !_presetIds.ContainsKey(preset.Id) ? $"The conversion service in use has no preset “{name}”."
        : null;

    public override async Task<JobReport?> AskAsync(TranscodeJob job, CancellationToken cancellationToken)
    {
        if (await client.ReadJobAsync(job.EngineJobId!, cancellationToken) is { } found)
            return ReportOf(found, job).For(job, ReportSource.Reconciler);
        if (_time.GetUtcNow() - job.StartedAt < FoundWithin)
            return null;
        return new(job.Id, job.Attempt, JobState.Failed)
        {
            Reason = "The conversion service has lost the file.", Detail = $"Elastic Transcoder knows no job {job.EngineJobId}.", Retryable = true,
        };
    }

    public override Task CancelAsync(Guid jobId, string engineJobId, CancellationToken cancellationToken) => client.CancelJobAsync(engineJobId, cancellationToken);

    protected override async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var pipelines = await client.ListPipelinesAsync(cancellationToken);
        var pipeline = pipelines.Find(p => p.Name == options.Value.Pipeline)
            ?? throw new InvalidOperationException($"ElasticTranscoder:Pipeline “{options.Value.Pipeline}” does not exist there.");
        var bucket = storage.Value.S3.Bucket;
        if (pipeline.InputBucket != bucket || pipeline.OutputBucket != bucket)
            throw new InvalidOperationException($"ElasticTranscoder:Pipeline “{pipeline.Name}” reads {pipeline.InputBucket} and writes {pipeline.OutputBucket}, but Storage:S3:Bucket is {bucket}.");
        var presets = await client.ListPresetsAsync(cancellationToken);
        _presetIds = PresetNames
            .Select(pair => (pair.Key, presets.Find(p => p.Name == pair.Value || p.Name == $"System preset: {pair.Value}")?.Id))
            .Where(pair => pair.Id is not null).ToDictionary(pair => pair.Key, pair => pair.Id!);
        _pipelineId = pipeline.Id;
    }

    /// <remarks>
    /// This service knows no token: the same order twice makes two jobs. So an order is never sent again by itself, and an attempt after
    /// the first looks for what the ones before may have left among the newest jobs.
    /// </remarks>
    protected override async Task<string> SubmitAsync(TranscodeOrder order, CancellationToken cancellationToken)
    {
        if (order.Attempt > 1)
        {
            var newest = await client.ListJobsByPipelineAsync(_pipelineId, cancellationToken);
            if (newest.Find(job => IsOf(job, order.JobId) && job.Status is not ("Error" or "Canceled")) is { } alive)
                return alive.Id;
        }

        var folder = TranscodeOrder.OutputFolder(order.JobId, order.Attempt);
        var outputs = order.Presets.Select(preset => new ElasticTranscoderOutput(order.OutputKey(preset)[folder.Length..], _presetIds[preset.Id]));
        Dictionary<string, string> metadata = new()
        {
            [EngineReport.JobIdKey] = order.JobId.ToString(), [EngineReport.AttemptKey] = order.Attempt.ToString(CultureInfo.InvariantCulture),
        };
        return (await client.CreateJobAsync(new(_pipelineId, [new(order.SourceKey)], folder, [.. outputs], metadata), cancellationToken)).Id;
    }

    private static bool IsOf(ElasticTranscoderJob job, Guid jobId) => job.UserMetadata?.GetValueOrDefault(EngineReport.JobIdKey) == jobId.ToString();

    private static EngineReport ReportOf(ElasticTranscoderJob found, TranscodeJob job)
    {
        var report = new EngineReport(ElasticTranscoderNotification.Engine, found.Id, JobState.Running)
        {
            JobId = job.Id,
            Attempt = int.TryParse(found.UserMetadata?.GetValueOrDefault(EngineReport.AttemptKey), CultureInfo.InvariantCulture, out var attempt) ? attempt : null,
        };
        return found.Status switch
        {
            "Submitted" => report with { State = JobState.Submitted },
            "Complete" => report with
            {
                State = JobState.Succeeded,
                Outputs = [.. found.Outputs?.Select(o => new EngineOutput(found.OutputKeyPrefix + o.Key, EngineJson.Seconds(o.Duration))) ?? []],
            },
            "Error" => Failed(report with { State = JobState.Failed }, found.Outputs?.Find(o => o.Status is "Error")?.StatusDetail),
            "Canceled" => report with { State = JobState.Failed, Reason = "The conversion was stopped at the transcoder." },
            _ => report,
        };
    }

    private static EngineReport Failed(EngineReport report, string? detail) => ElasticTranscoderNotification.Failed(report, detail?.Split(' ')[0], detail);
}
