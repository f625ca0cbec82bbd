using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>W28 and what is like it: a database that is locked, full or poisoned, a queue that is full, an app that stops.</summary>
public sealed class UnwillingDatabaseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task W28_DatabaseLocked_Is503AndTakenWhenItIsFree()
    {
        await using var webhook = await WebhookApp.StartAsync(services: services => services.AddSingleton(
            new WriteGate(TimeProvider.System, NullLogger<WriteGate>.Instance) { Patience = TimeSpan.FromSeconds(1) }));
        var job = await webhook.AddRemoteJobAsync();
        var message = webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE"));
        await using (var db = await webhook.App.OpenDatabaseAsync())
        {
            await using var held = await db.Database.BeginTransactionAsync(Token);
            Assert.Equal(ServiceUnavailable, await webhook.PostAsync(message));
            Assert.Equal(1, webhook.Refused(Refusal.NotStored));
        }

        Assert.Equal(OK, await webhook.PostAsync(message));
        Assert.Single(await webhook.MessagesAsync(job.Id));
    }

    [Fact]
    public async Task W28_DiskFull_Is503AndTakenWhenThereIsRoom()
    {
        var full = new FullDisk();
        await using var webhook = await WebhookApp.StartAsync(services: services => services.ConfigureDbContext<AppDbContext>(o => o.AddInterceptors(full)));
        var messages = Enumerable.Range(0, 40).Select(_ => webhook.Topic.Notification(new string('x', 200_000))).ToList();
        full.IsFull = true;
        var answers = await Task.WhenAll(messages.Select(webhook.PostAsync));
        Assert.Contains(ServiceUnavailable, answers);
        Assert.All(answers, answer => Assert.True(answer is OK or ServiceUnavailable));
        // What was acknowledged is there, and nothing else.
        Assert.Equal(answers.Count(a => a == OK), (await webhook.DeliveriesAsync()).Count);
        full.IsFull = false;
        Assert.All(await Task.WhenAll(messages.Select(webhook.PostAsync)), answer => Assert.Equal(OK, answer));
        Assert.Equal(40, (await webhook.DeliveriesAsync()).Count);
    }

    [Fact]
    public async Task W28_Stopping_Is503()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var queue = webhook.App.Get<DeliveryQueue>();
        await queue.StopAsync(Token);
        Assert.Equal(ServiceUnavailable, await webhook.PostAsync(webhook.Topic.Notification("hello")));
        Assert.Equal(1, webhook.Refused(Refusal.Stopping));
    }

    /// <summary>One that cannot be applied, in one batch with neighbours that can.</summary>
    [Fact]
    public async Task PoisonedDelivery_IsRefusedAloneAndLeavesNothingBehind()
    {
        await using var webhook = await WebhookApp.StartAsync();
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello"))); // has the key fetched
        var (poison, sound) = (await webhook.AddRemoteJobAsync("poison"), await webhook.AddRemoteJobAsync("anna"));
        await using var db = await PoisonAsync(webhook);
        SnsMessage[] messages =
        [
            webhook.Topic.Notification("first"),
            webhook.Topic.Notification(EnginePayloads.MediaConvert(poison, "COMPLETE")),
            webhook.Topic.Notification(EnginePayloads.MediaConvert(sound, "COMPLETE")),
        ];
        Assert.Equal([OK, ServiceUnavailable, OK], await PostTogetherAsync(webhook, db, messages));

        Assert.Equal(JobState.Submitted, (await webhook.JobAsync(poison.Id)).State);
        Assert.Equal(JobState.Succeeded, (await webhook.JobAsync(sound.Id)).State);
        Assert.DoesNotContain(await webhook.DeliveriesAsync(), d => d.JobId == poison.Id);
        await db.Database.ExecuteSqlRawAsync("DROP TRIGGER poison", Token);
        Assert.Equal(OK, await webhook.PostAsync(messages[1]));
        Assert.Single(await webhook.MessagesAsync(poison.Id));
    }

    /// <summary>Several of them, spread over one batch: whatever was done and undone in between, the others are applied once and nobody's version jumps.</summary>
    [Fact]
    public async Task PoisonedDeliveries_AreFoundAmongMany()
    {
        await using var webhook = await WebhookApp.StartAsync();
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello"))); // has the key fetched
        var jobs = new List<TranscodeJob>();
        for (var i = 0; i < 21; i++)
            jobs.Add(await webhook.AddRemoteJobAsync(i % 5 == 3 ? "poison" : "anna"));
        await using var db = await PoisonAsync(webhook);
        var answers = await PostTogetherAsync(webhook, db, jobs.Select(job => webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE"))));
        Assert.Equal(jobs.Select(job => job.OwnerId == "poison" ? ServiceUnavailable : OK), answers);

        var told = await db.Messages.AsNoTracking().OrderBy(m => m.Version).ToListAsync(Token);
        Assert.Equal(jobs.Where(j => j.OwnerId == "anna").Select(j => j.Id).Order(), told.Select(m => m.JobId).Order());
        Assert.Equal(Enumerable.Range(1, told.Count).Select(i => (long)i), told.Select(m => m.Version));
        Assert.Equal(told.Count, (await db.Mailboxes.AsNoTracking().SingleAsync(Token)).Version);
        Assert.Equal(told.Count + 1, (await webhook.DeliveriesAsync()).Count);
    }

    [Fact]
    public async Task MoreThanTheQueueHolds_Is503AtOnceAndTheRestIsTaken()
    {
        var gate = new TransactionGate();
        await using var webhook = await WebhookApp.StartAsync(services: services => services.ConfigureDbContext<AppDbContext>(o => o.AddInterceptors(gate)));
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("hello"))); // has the key fetched
        var queue = webhook.App.Get<DeliveryQueue>();
        const int Knocks = 100;
        var batchSize = new SnsOptions().BatchSize;
        gate.Close();
        List<Task<Refusal?>> answers = [.. Enumerable.Range(0, DeliveryQueue.Capacity + batchSize).Select(i => queue.AddAsync(Plain(i)))];
        List<Task<System.Net.HttpStatusCode>> knocks = [.. Enumerable.Range(0, Knocks).Select(_ => webhook.PostAsync(webhook.Topic.Notification("hello")))];
        // While the writer waits it has at most one batch in its hands, so that as many are refused as there are knocks.
        await Eventually.TrueAsync(() => answers.Count(a => a.IsCompleted) + webhook.Refused(Refusal.QueueFull) >= Knocks);
        gate.Open();

        var taken = (await Task.WhenAll(answers)).Count(a => a is null) + (await Task.WhenAll(knocks)).Count(a => a == OK);
        Assert.InRange(taken, DeliveryQueue.Capacity, DeliveryQueue.Capacity + batchSize);
        Assert.Equal(taken + 1, (await webhook.DeliveriesAsync()).Count);
    }

    [Fact]
    public async Task Retention_OldDeliveriesAreForgotten()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var webhook = await WebhookApp.StartAsync(time: time, services: services => services.AddSingleton<TimeProvider>(time));
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("old")));
        time.AdjustTime(time.GetUtcNow().AddDays(29));
        webhook.Aws.Rotate();
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification("new")));
        var upkeep = ActivatorUtilities.CreateInstance<WebhookUpkeep>(webhook.App.Services);
        await upkeep.ForgetAsync(Token);
        Assert.Equal(2, (await webhook.DeliveriesAsync()).Count);
        time.AdjustTime(time.GetUtcNow().AddDays(2));
        await upkeep.ForgetAsync(Token);
        Assert.Equal("new", Assert.Single(await webhook.DeliveriesAsync()).Body);
    }

    /// <summary>From now on nothing can be written that tells "poison" something.</summary>
    private static async Task<AppDbContext> PoisonAsync(WebhookApp webhook)
    {
        var db = await webhook.App.OpenDatabaseAsync();
        await db.Database.ExecuteSqlRawAsync(
            "CREATE TRIGGER poison BEFORE INSERT ON Messages WHEN NEW.OwnerId = 'poison' BEGIN SELECT RAISE(ABORT, 'poison'); END", Token);
        return db;
    }

    /// <summary>Posts them while the database is held, so that they pile up before the writer.</summary>
    private static async Task<System.Net.HttpStatusCode[]> PostTogetherAsync(WebhookApp webhook, AppDbContext db, IEnumerable<SnsMessage> messages)
    {
        Task<System.Net.HttpStatusCode>[] answers;
        await using (await db.Database.BeginTransactionAsync(Token))
            answers = [.. messages.Select(webhook.PostAsync)];
        return await Task.WhenAll(answers);
    }

    private static Delivery Plain(int i) => new()
    {
        TopicArn = "t", MessageId = $"{i}", Type = SnsType.Notification, SignatureVersion = 2, SentAt = DateTimeOffset.UtcNow, ReceivedAt = DateTimeOffset.UtcNow,
        RemoteAddress = null, Body = "x",
    };
}
