using BlazorTranscode.Messages;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Webhooks;

public sealed class SqsReceiverTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private WebhookApp _app = null!;

    private SimulatedQueue Queue => _app.Aws.Queue;

    public async ValueTask InitializeAsync()
    {
        SignatureVerifier.BecomeItsIdentity();
        _app = await WebhookApp.StartWithAsync(
            settings: aws => new() { ["Sqs:QueueUrl"] = aws.Queue.Url, ["Aws:ServiceUrl"] = aws.Origin, ["Aws:Region"] = "eu-central-1" });
        Queue.Time = _time;
        _app.Topic.Queue = Queue;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Message_IsAppliedAndGoneFromTheQueue()
    {
        var job = await _app.AddRemoteJobAsync();

        await _app.Topic.PublishAsync(EnginePayloads.MediaConvert(job, "COMPLETE"));

        await EmptyAsync();
        var done = await _app.JobAsync(job.Id);
        Assert.Equal((JobState.Succeeded, ReportSource.Queue), (done.State, done.HeardBy));
        Assert.Single(await _app.MessagesAsync(job.Id));
    }

    [Fact]
    public async Task MessageAndWebhook_BothAtOnce_TellOnce()
    {
        await _app.SubscribeAsync();
        List<TranscodeJob> jobs = [];
        for (var i = 0; i < 20; i++)
            jobs.Add(await _app.AddRemoteJobAsync());

        await Task.WhenAll(jobs.Select(job => _app.Topic.PublishAsync(EnginePayloads.MediaConvert(job, "COMPLETE"))));

        await EmptyAsync();
        foreach (var job in jobs)
            Assert.Equal(MessageKind.Ready, Assert.Single(await _app.MessagesAsync(job.Id)).Kind);
        Assert.All((await _app.DeliveriesAsync()).Where(d => d.JobId is not null), d => Assert.Equal(1, d.Repeats));
    }

    [Fact]
    public async Task Message_ThatLayInTheQueueForDays_IsStillBelieved()
    {
        var job = await _app.AddRemoteJobAsync();
        var old = SnsMessage.Of("Notification", _app.Topic.Arn, EnginePayloads.MediaConvert(job, "COMPLETE"), _time.GetUtcNow().AddDays(-3));

        Queue.Send(_app.Topic.Sign(old).ToJson());

        await EmptyAsync();
        Assert.Equal(JobState.Succeeded, (await _app.JobAsync(job.Id)).State);
    }

    [Fact]
    public async Task Message_Forged_ChangesNothingAndEndsAmongTheDeadLetters()
    {
        var job = await _app.AddRemoteJobAsync();
        var forged = _app.Topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE"));
        forged["Message"] = EnginePayloads.MediaConvert(job, "ERROR", 1021);

        Queue.Send(forged.ToJson());

        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(61)); // until it is seen again
            return !Queue.DeadLetters.IsEmpty;
        });
        Assert.Equal(JobState.Submitted, (await _app.JobAsync(job.Id)).State);
        Assert.Equal(Queue.MaxReceiveCount, _app.Refused(Refusal.Signature));
    }

    [Fact]
    public async Task Message_WhileTheDatabaseIsLocked_StaysInTheQueueAndIsAppliedLater()
    {
        var job = await _app.AddRemoteJobAsync();
        await using (var db = await _app.App.OpenDatabaseAsync())
        {
            await using var locked = await db.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await _app.Topic.PublishAsync(EnginePayloads.MediaConvert(job, "COMPLETE"));
            await Eventually.TrueAsync(() => _app.Refused(Refusal.NotStored) > 0);
            Assert.Equal(1, Queue.Count);
        }

        Queue.MaxReceiveCount = int.MaxValue;
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(5)); // until it is seen again
            return Queue.Count == 0;
        });
        Assert.Equal(JobState.Succeeded, (await _app.JobAsync(job.Id)).State);
    }

    [Fact]
    public async Task Queue_ThatRefusesForAWhile_IsAskedAgain()
    {
        var refusals = 3;
        Queue.Fault = action => action == "ReceiveMessage" && Interlocked.Decrement(ref refusals) >= 0 ? (403, "AccessDeniedException") : null;
        var job = await _app.AddRemoteJobAsync();
        await _app.Topic.PublishAsync("hello"); // ends the call that waits since before
        await Eventually.TrueAsync(() => Volatile.Read(ref refusals) <= 0);

        await _app.Topic.PublishAsync(EnginePayloads.MediaConvert(job, "COMPLETE"));

        await EmptyAsync();
        Assert.Equal(JobState.Succeeded, (await _app.JobAsync(job.Id)).State);
    }

    [Fact]
    public void Settings_AQueueWithoutTopics_ListAllThatIsMissing()
    {
        var aws = Options.Create(new BlazorTranscode.Aws.AwsOptions { Region = "eu-central-1" });
        var rules = new SqsOptionsRules(Options.Create(new SnsOptions()), aws);

        var failures = rules.Validate(null, new() { QueueUrl = "reports" }).Failures!.ToList();

        Assert.Equal(2, failures.Count);
        Assert.StartsWith("Sqs:QueueUrl", failures[0], StringComparison.Ordinal);
        Assert.StartsWith("Sns:TopicArns is missing", failures[1], StringComparison.Ordinal);
    }

    private Task EmptyAsync() => Eventually.TrueAsync(() => Queue.Count == 0);
}
