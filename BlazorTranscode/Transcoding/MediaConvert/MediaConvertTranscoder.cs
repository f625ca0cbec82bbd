using System.Globalization;
using BlazorTranscode.Audio;
using BlazorTranscode.Aws;
using BlazorTranscode.Storage;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.MediaConvert;

/// <summary>
/// AWS Elemental MediaConvert. It reads the source from the bucket, writes the outputs there under the order's keys, and reports through
/// EventBridge; of audio-only jobs it tells no percentage.
/// </summary>
internal sealed class MediaConvertTranscoder(
    MediaConvertClient client, IOptions<MediaConvertOptions> options, IOptions<StorageOptions> storage, TimeProvider time,
    ILogger<MediaConvertTranscoder> logger) : RemoteTranscoder(time, logger)
{
    // A job that was placed a moment ago may not be found everywhere yet.
    private static readonly TimeSpan FoundWithin = TimeSpan.FromMinutes(2);

    private readonly TimeProvider _time = time;

    public override string Name => MediaConvertEvent.Engine;

    protected override string WhatToCheck =>
        "Check the policy of the app's AWS identity (mediaconvert:CreateJob, GetJob, ListJobs, SearchJobs and CancelJob, and iam:PassRole on MediaConvert:Role) and Aws:Region.";

    protected override string WhatToCheckInOrders => "Check MediaConvert:Role, MediaConvert:Queue and the account's limits.";

    public override async Task<JobReport?> AskAsync(TranscodeJob job, CancellationToken cancellationToken)
    {
        if (await client.GetJobAsync(job.EngineJobId!, cancellationToken) is { } found)
            return ReportOf(found, job).For(job, ReportSource.Reconciler);
        if (_time.GetUtcNow() - job.StartedAt < FoundWithin)
            return null;
        return new(job.Id, job.Attempt, JobState.Failed)
        {
            Reason = "The conversion service has lost the file.", Detail = $"MediaConvert knows no job {job.EngineJobId}.", Retryable = true,
        };
    }

    public override Task CancelAsync(Guid jobId, string engineJobId, CancellationToken cancellationToken) => client.CancelJobAsync(engineJobId, cancellationToken);

    protected override Task ProbeAsync(CancellationToken cancellationToken) => client.ListJobsAsync(cancellationToken);

    /// <remarks>
    /// A crash between the call and our commit must cost no second job. MediaConvert knows a token for one minute; after that the job can
    /// be found by its source. The token counts the jobs that were found, so it is the same again while the search lags behind, and a new
    /// one after a job that failed.
    /// </remarks>
    protected override async Task<string> SubmitAsync(TranscodeOrder order, CancellationToken cancellationToken)
    {
        var placed = order.Attempt > 1 ? await PlacedAsync(order, cancellationToken) : [];
        if (placed.Find(job => job.Status is not ("ERROR" or "CANCELED")) is { } alive)
            return alive.Id;
        var created = await client.CreateJobAsync(RequestFor(order, placed.Count + 1), cancellationToken);
        return created.Id;
    }

    private async Task<List<MediaConvertJob>> PlacedAsync(TranscodeOrder order, CancellationToken cancellationToken)
    {
        var jobs = await client.SearchJobsAsync(Address(order.SourceKey), cancellationToken);
        return [.. jobs.Where(job => job.UserMetadata?.GetValueOrDefault(EngineReport.JobIdKey) == order.JobId.ToString())];
    }

    private CreateJobRequest RequestFor(TranscodeOrder order, int number) => new(
        $"{order.JobId:N}-{number}",
        options.Value.Role,
        options.Value.Queue.Length > 0 ? options.Value.Queue : null,
        new()
        {
            [EngineReport.JobIdKey] = order.JobId.ToString(),
            [EngineReport.AttemptKey] = order.Attempt.ToString(CultureInfo.InvariantCulture),
        },
        new([new(Address(order.SourceKey))], [.. order.Presets.Select(preset => MediaConvertPresets.GroupFor(preset, Destination(order, preset)))]));

    private string Address(string key) => $"s3://{storage.Value.S3.Bucket}/{key}";

    /// <summary>MediaConvert adds the extension itself.</summary>
    private string Destination(TranscodeOrder order, Preset preset) => Address(order.OutputKey(preset)[..^preset.Extension.Length]);

    /// <summary>What GetJob tells. It names no files; complete means that all that was ordered lies where it was ordered.</summary>
    private static EngineReport ReportOf(MediaConvertJob found, TranscodeJob job)
    {
        var attempt = AttemptOf(found) ?? job.Attempt;
        var report = new EngineReport(MediaConvertEvent.Engine, found.Id, JobState.Running) { JobId = job.Id, Attempt = attempt };
        return found.Status switch
        {
            "SUBMITTED" => report with { State = JobState.Submitted },
            "COMPLETE" => report with
            {
                State = JobState.Succeeded,
                Outputs = [.. OutputsOf(found, job, attempt)],
                Reason = found.Warnings is { Count: > 0 } ? MediaConvertEvent.Odd : null,
            },
            "ERROR" => MediaConvertEvent.Failed(report with { State = JobState.Failed }, found.ErrorCode?.ToString(CultureInfo.InvariantCulture), found.ErrorMessage),
            "CANCELED" => report with { State = JobState.Failed, Reason = MediaConvertEvent.Stopped },
            _ => report,
        };
    }

    private static int? AttemptOf(MediaConvertJob found) =>
        int.TryParse(found.UserMetadata?.GetValueOrDefault(EngineReport.AttemptKey), CultureInfo.InvariantCulture, out var attempt) ? attempt : null;

    private static IEnumerable<EngineOutput> OutputsOf(MediaConvertJob found, TranscodeJob job, int attempt)
    {
        // All come from one source and play equally long, so the order of the details does not matter.
        var length = found.OutputGroupDetails?.SelectMany(g => g.OutputDetails ?? []).Max(o => o.DurationInMs);
        return job.PresetIds.Select(Preset.Find).OfType<Preset>()
            .Select(preset => new EngineOutput($"{TranscodeOrder.OutputFolder(job.Id, attempt)}audio{preset.Extension}", EngineJson.Seconds(length / 1000)));
    }
}
