using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.Extensions.DependencyInjection;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>What an engine says is believed as far as it can be seen, and told as far as it is about the file.</summary>
public sealed class BelievedReportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The role in the settings may not read the bucket: no file can help that, and no owner should read of roles.</summary>
    [Theory]
    [InlineData("mediaconvert", 1401)]
    [InlineData("mediaconvert", 1434)]
    [InlineData("elastictranscoder", 3003)]
    public async Task ErrorOfAPermission_LetsTheJobWait_AndCountsNoFailure(string engine, int code)
    {
        await using var webhook = await WebhookApp.StartAsync(new() { ["Transcoding:RetryDelay"] = "1.00:00:00" });
        var job = await webhook.AddRemoteJobAsync(engine: engine);
        var news = engine == "mediaconvert" ? EnginePayloads.MediaConvert(job, "ERROR", code) : EnginePayloads.ElasticTranscoder(job, "ERROR", code);

        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(news)));

        var row = await webhook.JobAsync(job.Id);
        Assert.Equal((JobState.Queued, 0, null, null), (row.State, row.Failures, row.EngineJobId, row.Detail));
        Assert.NotNull(row.NotBefore);
        Assert.Empty(await webhook.MessagesAsync(job.Id));
    }

    [Fact]
    public async Task ErrorThatNamesAddresses_IsToldWithoutThem()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var job = await webhook.AddRemoteJobAsync();
        var news = EnginePayloads.MediaConvert(job, "ERROR", 1076).Replace(
            "something about the input", "Unable to open [s3://media/sources/1] as arn:aws:iam::123456789012:role/x of 123456789012: bad header", StringComparison.Ordinal);

        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(news)));

        Assert.Equal("MediaConvert error 1076: Unable to open […] as … of …: bad header", (await webhook.JobAsync(job.Id)).Detail);
    }

    [Fact]
    public async Task Success_OfFilesThatAreNotThere_IsFollowedByAnotherAttempt()
    {
        await using var webhook = await StartAsync(new());
        var job = await TakenJobAsync(webhook);

        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE"))));

        var row = await webhook.JobAsync(job.Id);
        Assert.Equal((JobState.Queued, 1), (row.State, row.Failures));
        Assert.Empty(await webhook.MessagesAsync(job.Id));
    }

    [Fact]
    public async Task Success_WhileTheStoreDoesNotAnswer_IsLeftToItsSender()
    {
        var engine = new SimulatedEngine();
        await using var webhook = await StartAsync(engine);
        engine.Store = webhook.App.Get<IMediaStore>();
        var store = (StoreProxy)engine.Store;
        var job = await TakenJobAsync(webhook);
        var news = webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE"));

        store.Fault = call => call is nameof(IMediaStore.OpenAsync) ? new StorageUnavailableException("away") : null;
        Assert.Equal(ServiceUnavailable, await webhook.PostAsync(news));
        Assert.Equal(JobState.Submitted, (await webhook.JobAsync(job.Id)).State);

        store.Fault = _ => null;
        Assert.Equal(OK, await webhook.PostAsync(news));
        Assert.Equal(JobState.Succeeded, (await webhook.JobAsync(job.Id)).State);
        await using var db = await webhook.App.OpenDatabaseAsync();
        Assert.Equal(5, Assert.Single(db.Renditions).Length); // who looked knows the size
        Assert.Empty(db.PendingDeletions);
    }

    private static Task<WebhookApp> StartAsync(SimulatedEngine engine) => WebhookApp.StartAsync(
        new() { ["Transcoding:RetryDelay"] = "1.00:00:00" },
        services =>
        {
            services.AddSingleton<ITranscoder>(engine);
            StoreProxy.Install(services);
        });

    private static async Task<TranscodeJob> TakenJobAsync(WebhookApp webhook)
    {
        var id = await FaultTests.EnqueueAsync(webhook, "anna");
        await Eventually.TrueAsync(async () => (await webhook.JobAsync(id)).EngineJobId is not null);
        return await webhook.JobAsync(id);
    }
}
