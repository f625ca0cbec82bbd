using Amazon.Runtime;
using BlazorTranscode.Aws;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// What engines elsewhere have in common: they can be out of reach or refuse us. Then jobs wait, an administrator is told why, and the
/// engine is asked again twice a minute until it answers.
/// </summary>
internal abstract partial class RemoteTranscoder(TimeProvider time, ILogger logger) : BackgroundService, ITranscoder
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    public abstract string Name { get; }

    public bool IsRemote => true;

    public string? Unavailable { get; private set; } = "The conversion service has not answered yet.";

    /// <summary>What an administrator checks when the service refuses us.</summary>
    protected abstract string WhatToCheck { get; }

    public async Task<JobReport> StartAsync(TranscodeOrder order, IProgress<double> progress, CancellationToken cancellationToken)
    {
        if (order.Presets.Select(Refuses).FirstOrDefault(reason => reason is not null) is { } refusal)
            return Failed(order, refusal, null, retryable: false);
        try
        {
            return new(order.JobId, order.Attempt, JobState.Submitted) { EngineJobId = await SubmitAsync(order, cancellationToken) };
        }
        catch (AwsServiceException refused) when (refused.Status is 400)
        {
            return Failed(order, "The conversion service cannot make this from the file.", refused.Message, retryable: false);
        }
        catch (Exception trouble) when (trouble is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Doubt(trouble);
            return Failed(order, "The conversion service did not take the file. An administrator must look at this.", Unavailable, retryable: true);
        }
    }

    public virtual string? Refuses(Audio.Preset preset) => null;

    public abstract Task<JobReport?> AskAsync(TranscodeJob job, CancellationToken cancellationToken);

    public abstract Task CancelAsync(Guid jobId, string engineJobId, CancellationToken cancellationToken);

    /// <summary>Places the order, unless it was placed already, and returns the engine's id of it.</summary>
    protected abstract Task<string> SubmitAsync(TranscodeOrder order, CancellationToken cancellationToken);

    /// <summary>Any question that a service in order answers.</summary>
    protected abstract Task ProbeAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            if (Unavailable is null)
                continue;
            try
            {
                await ProbeAsync(stoppingToken);
                Unavailable = null;
                LogAvailable(Name);
            }
            catch (Exception trouble) when (trouble is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Doubt(trouble);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Doubt(Exception trouble)
    {
        var reason = trouble switch
        {
            AwsServiceException { Status: 401 or 403 } refused => $"{refused.Message} {WhatToCheck}",
            AwsServiceException answer => answer.Message,
            HttpRequestException unreachable => $"It cannot be reached. Check Aws:Region and Aws:ServiceUrl. {unreachable.Message}",
            AmazonClientException missing => $"No AWS credentials were found in the environment, a profile, single sign-on or a role. {missing.Message}",
            _ => trouble.Message,
        };
        if (reason != Unavailable)
            LogUnavailable(trouble, Name, reason);
        Unavailable = reason;
    }

    private static JobReport Failed(TranscodeOrder order, string reason, string? detail, bool retryable) =>
        new(order.JobId, order.Attempt, JobState.Failed) { Reason = reason, Detail = detail, Retryable = retryable };

    [LoggerMessage(LogLevel.Error, "Nothing can be converted by {Engine}, and jobs wait: {Reason}")]
    private partial void LogUnavailable(Exception exception, string engine, string reason);

    [LoggerMessage(LogLevel.Information, "{Engine} answers")]
    private partial void LogAvailable(string engine);
}
