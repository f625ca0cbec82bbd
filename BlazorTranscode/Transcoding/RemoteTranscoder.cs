using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using BlazorTranscode.Aws;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// What engines elsewhere have in common: they can be out of reach or refuse us. Then jobs wait, an administrator is told why, and the
/// engine is asked again twice a minute until it answers; if it was an order that was refused, one job is sent to see whether it is taken.
/// </summary>
internal abstract partial class RemoteTranscoder(TimeProvider time, ILogger logger) : BackgroundService, ITranscoder
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly EngineGate _gate = new(time, "The conversion service has not answered yet.");

    // For each job whose order was refused, how many orders had been taken by then.
    private readonly ConcurrentDictionary<Guid, int> _refused = new();
    private int _taken;

    public abstract string Name { get; }

    public bool IsRemote => true;

    public string? Unavailable => _gate.Reason;

    public bool Admits => _gate.Admits;

    /// <summary>What an administrator checks when the service refuses us.</summary>
    protected abstract string WhatToCheck { get; }

    /// <summary>What an administrator checks when the service refuses an order, and not the file that it is about.</summary>
    protected abstract string WhatToCheckInOrders { get; }

    public async Task<JobReport> StartAsync(TranscodeOrder order, IProgress<double> progress, CancellationToken cancellationToken)
    {
        if (order.Presets.Select(Refuses).FirstOrDefault(reason => reason is not null) is { } refusal)
            return Failed(order, refusal);
        if (!_gate.TryEnter())
            return Failed(order, "The conversion service cannot be used.") with { Outage = Unavailable ?? "Another job was being tried." };
        try
        {
            var engineJobId = await SubmitAsync(order, cancellationToken);
            _refused.TryRemove(order.JobId, out _);
            Interlocked.Increment(ref _taken);
            Prove(EngineProof.Order);
            return new(order.JobId, order.Attempt, JobState.Submitted) { EngineJobId = engineJobId };
        }
        catch (AwsServiceException refused) when (refused.Status is 400 && IsAboutTheOrder(order.JobId, refused.Message))
        {
            _gate.Leave();
            LogOrderRefused(Name, order.JobId, refused.Message);
            return Failed(order, "The conversion service cannot make this from the file.");
        }
        catch (Exception trouble) when (trouble is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Close(trouble, EngineProof.Order);
            return Failed(order, "The conversion service did not take the file.") with { Outage = Unavailable };
        }
        catch
        {
            _gate.Leave();
            throw;
        }
    }

    public void Doubt(Exception trouble) => Close(trouble, EngineProof.Answer);

    public void Heard(JobReport report)
    {
        if (report.Source is ReportSource.Worker)
            return;
        if (report is { State: JobState.Failed, Outage: { } outage })
            Close(outage, null, EngineProof.Work);
        else if (report is { State: JobState.Succeeded } or { State: JobState.Failed, IsGivenUp: false })
            Prove(EngineProof.Work);
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
            if (Unavailable is null || Admits)
                continue;
            try
            {
                await ProbeAsync(stoppingToken);
                Prove(EngineProof.Answer);
            }
            catch (Exception trouble) when (trouble is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Close(trouble, EngineProof.Answer);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>
    /// Whether a 400 speaks of this order alone, so that no other job need wait. One that names a role, a queue or an account is about the
    /// settings, and so is one that names nothing, unless other orders were taken since this one was refused before.
    /// </summary>
    private bool IsAboutTheOrder(Guid jobId, string message)
    {
        var taken = Volatile.Read(ref _taken);
        if (_refused.TryGetValue(jobId, out var before) && before < taken)
        {
            _refused.TryRemove(jobId, out _);
            return true;
        }

        _refused.TryAdd(jobId, taken);
        return AFormat().IsMatch(message) && !ASetting().IsMatch(message);
    }

    private void Prove(EngineProof proof)
    {
        if (_gate.Prove(proof))
            LogAvailable(Name);
    }

    private void Close(Exception trouble, EngineProof needed) => Close(
        trouble switch
        {
            AwsServiceException { Status: 401 or 403 } refused => $"{refused.Message} {WhatToCheck}",
            AwsServiceException { Status: >= 400 and < 500 and not 429 } refused => $"{refused.Message} {WhatToCheckInOrders}",
            AwsServiceException answer => answer.Message,
            HttpRequestException unreachable => $"It cannot be reached. Check Aws:Region and Aws:ServiceUrl. {unreachable.Message}",
            AmazonClientException missing => $"No AWS credentials were found in the environment, a profile, single sign-on or a role. {missing.Message}",
            _ => trouble.Message,
        },
        trouble, needed);

    private void Close(string reason, Exception? trouble, EngineProof needed)
    {
        if (_gate.Close(reason, needed))
            LogUnavailable(trouble, Name, reason);
    }

    private static JobReport Failed(TranscodeOrder order, string reason) => new(order.JobId, order.Attempt, JobState.Failed) { Reason = reason };

    [GeneratedRegex("codec|container|opus|ogg|flac|mp3|aac|wav|bitrate|sample.?rate|bit.?depth|channels", RegexOptions.IgnoreCase)]
    private static partial Regex AFormat();

    [GeneratedRegex(@"\brole|queue|\barn:|billing|account|subscri|quota|pipeline|required|unknown|unrecogni[sz]ed", RegexOptions.IgnoreCase)]
    private static partial Regex ASetting();

    [LoggerMessage(LogLevel.Error, "Nothing can be converted by {Engine}, and jobs wait: {Reason}")]
    private partial void LogUnavailable(Exception? exception, string engine, string reason);

    [LoggerMessage(LogLevel.Information, "{Engine} works")]
    private partial void LogAvailable(string engine);

    [LoggerMessage(LogLevel.Warning, "{Engine} refused the order for job {JobId}: {Reason}")]
    private partial void LogOrderRefused(string engine, Guid jobId, string reason);
}
