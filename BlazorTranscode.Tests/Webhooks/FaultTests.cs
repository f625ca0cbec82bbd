using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>Faults F19 to F23 and W28: deliveries that are doubled, disordered, lost, early or late, and a database that will not take them.</summary>
public sealed class FaultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task F19_HundredCopiesOfOneEvent_MakeOneMessage()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var job = await webhook.AddRemoteJobAsync();
        var copies = Enumerable.Range(0, 100).Select(_ => webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE"))).ToList();
        Assert.All(await Task.WhenAll(copies.Concat(copies).Select(webhook.PostAsync)), answer => Assert.Equal(OK, answer));
        Assert.Single(await webhook.MessagesAsync(job.Id));
        var deliveries = await webhook.DeliveriesAsync();
        Assert.Equal((100, 1, 99), (deliveries.Count, deliveries.Count(d => d.Outcome == DeliveryOutcome.Applied), deliveries.Count(d => d.Outcome == DeliveryOutcome.NothingNew)));
    }

    [Fact]
    public async Task F20_EveryOrderOfSixEvents_EndsTheSame()
    {
        await using var webhook = await WebhookApp.StartAsync();
        string[] events = ["PROGRESSING", "INPUT_INFORMATION", "STATUS_UPDATE", "NEW_WARNING", "QUEUE_HOP", "COMPLETE"];
        var jobs = await webhook.AddRemoteJobsAsync(720);
        await Parallel.ForEachAsync(jobs.Zip(Orders(events)), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (pair, _) =>
        {
            foreach (var status in pair.Second)
                Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(EnginePayloads.MediaConvert(pair.First, status))));
        });

        await using var db = await webhook.App.OpenDatabaseAsync();
        Assert.Equal(720, await db.TranscodeJobs.CountAsync(j => j.State == JobState.Succeeded, Token));
        Assert.Equal(720, await db.Messages.Where(m => m.Kind == MessageKind.Ready).Select(m => m.JobId).Distinct().CountAsync(Token));
        Assert.Equal(720, await db.Messages.CountAsync(Token));
    }

    [Fact]
    public async Task F20_ErrorAfterComplete_IsRecordedAndChangesNothing()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var job = await webhook.AddRemoteJobAsync();
        foreach (var (status, code) in ((string, int?)[])[("COMPLETE", null), ("ERROR", 1021), ("PROGRESSING", null)])
            Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(EnginePayloads.MediaConvert(job, status, code))));
        Assert.Equal([DeliveryOutcome.Applied, DeliveryOutcome.NothingNew, DeliveryOutcome.NothingNew], (await webhook.DeliveriesAsync()).Select(d => d.Outcome));
        Assert.Equal(MessageKind.Ready, Assert.Single(await webhook.MessagesAsync(job.Id)).Kind);
    }

    [Theory]
    [InlineData(1021, "There is no audio in the file.")]
    [InlineData(99_999, "could not convert")]
    public async Task Error_BecomesAMessageInPlainWordsAndKeepsTheEngines(int code, string words)
    {
        await using var webhook = await WebhookApp.StartAsync();
        var job = await webhook.AddRemoteJobAsync();
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "ERROR", code))));
        var message = Assert.Single(await webhook.MessagesAsync(job.Id));
        Assert.Equal(MessageKind.Failed, message.Kind);
        Assert.Contains(words, message.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"{code}", message.Text, StringComparison.Ordinal);
        Assert.Contains($"{code}", (await webhook.JobAsync(job.Id)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ErrorThatMayPass_IsFollowedByAnotherAttemptAndTellsNobody()
    {
        await using var webhook = await WebhookApp.StartAsync(new() { ["Transcoding:RetryDelay"] = "1.00:00:00" });
        var job = await webhook.AddRemoteJobAsync();
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "ERROR", 1999))));
        Assert.Equal(JobState.Queued, (await webhook.JobAsync(job.Id)).State);
        Assert.Empty(await webhook.MessagesAsync(job.Id));
    }

    [Theory]
    [InlineData("mediaconvert")]
    [InlineData("elastictranscoder")]
    public async Task Warnings_AreInTheMessageWhateverTheirOrder(string engine)
    {
        await using var webhook = await WebhookApp.StartAsync();
        var job = await webhook.AddRemoteJobAsync(engine: engine);
        var (warning, complete) = engine == "mediaconvert"
            ? (EnginePayloads.MediaConvert(job, "NEW_WARNING"), EnginePayloads.MediaConvert(job, "COMPLETE", warnings: 2))
            : (EnginePayloads.ElasticTranscoder(job, "WARNING"), EnginePayloads.ElasticTranscoder(job, "COMPLETED", outputStatus: "Warning"));
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(complete)));
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(warning)));
        Assert.Equal(MessageKind.ReadyWithWarning, Assert.Single(await webhook.MessagesAsync(job.Id)).Kind);
    }

    /// <summary>The engine publishes before its answer to our order has come back, let alone is stored.</summary>
    [Fact]
    public async Task F22_ReportThatOvertakesTheAnswer_WaitsAndIsApplied()
    {
        var engine = new SimulatedEngine();
        await using var webhook = await WebhookApp.StartAsync(services: services => services.AddSingleton<ITranscoder>(engine));
        (engine.Topic, engine.Store) = (webhook.Topic, webhook.App.Get<IMediaStore>());
        await webhook.SubscribeAsync();
        engine.BeforeAnswer = async job =>
        {
            foreach (var status in (string[])["COMPLETE", "PROGRESSING"])
                Assert.True((await engine.PublishAsync(job.Id, status)).Delivered);
            Assert.Equal([DeliveryOutcome.Waiting, DeliveryOutcome.Waiting], (await webhook.DeliveriesAsync()).Skip(1).Select(d => d.Outcome));
        };
        var job = await EnqueueAsync(webhook, "anna");
        await Eventually.TrueAsync(async () => (await webhook.JobAsync(job)).State == JobState.Succeeded);
        await Eventually.TrueAsync(async () => (await webhook.DeliveriesAsync()).All(d => d.Outcome != DeliveryOutcome.Waiting));
        Assert.Single(await webhook.MessagesAsync(job));
    }

    [Fact]
    public async Task F23_ReportOfAJobThatIsGone_Is200AndTellsNobody()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var job = await webhook.AddRemoteJobAsync();
        await using (var db = await webhook.App.OpenDatabaseAsync())
            await db.TranscodeJobs.ExecuteDeleteAsync(Token);
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE"))));
        Assert.Equal(DeliveryOutcome.Waiting, Assert.Single(await webhook.DeliveriesAsync()).Outcome);
        Assert.Empty(await webhook.MessagesAsync(job.Id));
    }

    /// <summary>F21 in part, and the whole way: real orders, a third of the news lost, a third doubled, all shuffled.</summary>
    [Fact]
    public async Task F21_LostDoubledAndShuffled_EveryOwnerIsToldOnce()
    {
        var engine = new SimulatedEngine();
        await using var webhook = await WebhookApp.StartAsync(services: services => services.AddSingleton<ITranscoder>(engine));
        (engine.Topic, engine.Store) = (webhook.Topic, webhook.App.Get<IMediaStore>());
        await webhook.SubscribeAsync();
        var jobs = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => EnqueueAsync(webhook, $"user{i}")));
        await Eventually.TrueAsync(() => engine.JobIds.Count == jobs.Length);

        var random = new Random(7);
        webhook.Topic.Faults = new(random, Drop: 0.3, Double: 0.3);
        var news = jobs.SelectMany(job => new[] { (job, "PROGRESSING"), (job, "COMPLETE") }).ToArray();
        random.Shuffle(news);
        await Parallel.ForEachAsync(news, async (item, _) => await engine.PublishAsync(item.job, item.Item2));
        var later = new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(5));
        await Eventually.TrueAsync(async () =>
        {
            await ActivatorUtilities.CreateInstance<Reconciler>(webhook.App.Services, later).ReconcileAsync(Token);
            await using var db = await webhook.App.OpenDatabaseAsync();
            return await db.TranscodeJobs.AllAsync(j => j.State == JobState.Succeeded, Token);
        });

        await using var after = await webhook.App.OpenDatabaseAsync();
        Assert.Equal(50, await after.Messages.CountAsync(Token));
        Assert.Equal(50, await after.Messages.Select(m => m.OwnerId).Distinct().CountAsync(Token));
        var heard = await after.TranscodeJobs.GroupBy(j => j.HeardBy).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(Token);
        Assert.All(heard, h => Assert.True(h.Count > 5, $"{h.Key}: {h.Count}"));
        Assert.Equal(2, heard.Count);
    }

    internal static async Task<Guid> EnqueueAsync(WebhookApp webhook, string ownerId)
    {
        await using var db = await webhook.App.OpenDatabaseAsync();
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        var file = new AudioFile
        {
            Id = Guid.CreateVersion7(), OwnerId = ownerId, Name = "song.mp3", Length = 1, StorageKey = $"sources/{Guid.NewGuid():N}", UploadedAt = DateTimeOffset.UtcNow,
        };
        db.Add(file);
        await db.SaveChangesAsync(Token);
        var job = await webhook.App.Get<JobQueue>().EnqueueAsync(db, file, ["mp3"], Token);
        await transaction.CommitAsync(Token);
        return job.Id;
    }

    private static IEnumerable<string[]> Orders(string[] items) => items.Length == 1
        ? [items]
        : items.SelectMany((item, i) => Orders([.. items[..i], .. items[(i + 1)..]]).Select(rest => (string[])[item, .. rest]));
}
