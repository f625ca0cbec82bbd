using System.Text.Json.Nodes;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;
using BlazorTranscode.Tests.Transcoding.MediaConvert;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>
/// Kill points K11 to K14 and K18: the app is a process of its own and dies by SIGKILL at the named place. SNS tries again what was not
/// answered; what was answered must be there.
/// </summary>
public sealed class KillTests(Swift swift)
{
    private const int Jobs = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("K11", "delivery-read:3")]
    [InlineData("K12", "delivery-applied:1")]
    [InlineData("K12", "delivery-applied:3")]
    [InlineData("K13", "delivery-committed:1")]
    [InlineData("K13", "delivery-committed:2")]
    public async Task K11To13_KilledWhileDeliveriesAreTaken_NothingAcknowledgedIsLostAndNothingIsDoubled(string row, string at)
    {
        Assert.NotEmpty(row);
        await using var aws = await AwsSimulator.StartAsync();
        var topic = aws.CreateTopic();
        var bucket = await swift.NewBucketAsync();
        var settings = SettingsFor(aws, bucket, topic);
        settings["Sns__BatchSize"] = "2";
        using var app = await AppProcess.StartAsync(settings);
        var jobs = await AddJobsAsync(app, bucket, TimeSpan.FromHours(1));
        Assert.True((await topic.SubscribeAsync(new Uri(app.Address, "webhooks/sns"))).Delivered);
        settings["CRASH_AT"] = at;
        await app.KillAsync();
        await app.StartAgainAsync();

        // The pause after its death is as long as the restart takes.
        settings.Remove("CRASH_AT");
        var restart = new Lazy<Task>(app.StartAgainAsync);
        aws.Wait = _ => app.HasExited ? restart.Value : Task.Delay(TimeSpan.FromMilliseconds(100));
        topic.Policy = topic.Policy with { Retries = 1000 };
        var outcomes = await Task.WhenAll(jobs.Select(job => topic.PublishAsync(EnginePayloads.MediaConvert(job, "COMPLETE"))));

        Assert.True(restart.IsValueCreated, "It was not killed.");
        Assert.All(outcomes, outcome => Assert.True(outcome.Delivered));
        Assert.Contains(outcomes, outcome => outcome.Statuses.Count > 1);
        await AssertEachToldOnceAsync(app, jobs);
    }

    [Fact]
    public async Task K14_KilledRightAfterTheAnswer_TheMessageIsThereAfterTheRestart()
    {
        await using var aws = await AwsSimulator.StartAsync();
        var topic = aws.CreateTopic();
        var bucket = await swift.NewBucketAsync();
        using var app = await AppProcess.StartAsync(SettingsFor(aws, bucket, topic));
        var jobs = await AddJobsAsync(app, bucket, TimeSpan.FromHours(1));
        await topic.SubscribeAsync(new Uri(app.Address, "webhooks/sns"));
        foreach (var job in jobs)
            Assert.True((await topic.PublishAsync(EnginePayloads.MediaConvert(job, "COMPLETE"))).Delivered);
        await app.KillAsync();
        await app.StartAgainAsync();
        await AssertEachToldOnceAsync(app, jobs);
    }

    [Fact]
    public async Task K18_KilledAfterAskingTheEngine_AsksAgainAndTellsOnce()
    {
        await using var aws = await AwsSimulator.StartAsync();
        var bucket = await swift.NewBucketAsync();
        var settings = SettingsFor(aws, bucket, aws.CreateTopic());
        settings["CRASH_AT"] = "engine-asked:3";
        using var app = await AppProcess.StartAsync(settings);
        var jobs = await AddJobsAsync(app, bucket, TimeSpan.FromMinutes(-10));
        foreach (var job in jobs)
        {
            var order = new JsonObject
            {
                ["userMetadata"] = new JsonObject { ["jobId"] = $"{job.Id}", ["attempt"] = "1" },
                ["settings"] = new JsonObject { ["outputGroups"] = new JsonArray() },
            };
            aws.MediaConvert.Jobs[job.EngineJobId!] = new(job.EngineJobId!, 1, order) { Status = "COMPLETE", Length = TimeSpan.FromSeconds(30) };
        }

        await Eventually.TrueAsync(() => app.HasExited);
        settings.Remove("CRASH_AT");
        await app.StartAgainAsync();
        await Eventually.TrueAsync(async () =>
        {
            await using var db = app.CreateDbContext();
            return await db.TranscodeJobs.AllAsync(j => j.State == JobState.Succeeded, Token);
        });
        await AssertEachToldOnceAsync(app, jobs);
    }

    private static Dictionary<string, string> SettingsFor(AwsSimulator aws, S3Options bucket, SimulatedTopic topic)
    {
        var settings = MediaConvertTranscoderTests.SettingsFor(aws);
        foreach (var (name, value) in Swift.SettingsFor(bucket))
            settings[name] = value;
        (settings["Sns:TopicArns:0"], settings["Sns:TestEndpoint"]) = (topic.Arn, aws.Origin);
        return settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value!);
    }

    /// <summary>Jobs that MediaConvert has had for ten minutes, with what it has made of them.</summary>
    /// <param name="nextCheck">From now, when the app asks by itself.</param>
    private static async Task<List<TranscodeJob>> AddJobsAsync(AppProcess app, S3Options bucket, TimeSpan nextCheck)
    {
        List<TranscodeJob> jobs = [];
        using var client = Swift.Client(bucket);
        await using var db = app.CreateDbContext();
        for (var i = 0; i < Jobs; i++)
        {
            var job = await db.AddJobAsync($"user{i}", JobState.Submitted);
            (job.Engine, job.EngineJobId) = ("mediaconvert", $"1671477617078-{i:x6}");
            (job.StartedAt, job.NextCheckAt) = (DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow + nextCheck);
            jobs.Add(job);
            var key = $"{TranscodeOrder.OutputFolder(job.Id, 1)}audio.mp3";
            await client.PutObjectAsync(new() { BucketName = bucket.Bucket, Key = key, ContentBody = "audio", UseChunkEncoding = false }, Token);
        }

        await db.SaveChangesAsync(Token);
        return jobs;
    }

    private static async Task AssertEachToldOnceAsync(AppProcess app, List<TranscodeJob> jobs)
    {
        await using var db = app.CreateDbContext();
        Assert.Equal(jobs.Count, await db.TranscodeJobs.CountAsync(j => j.State == JobState.Succeeded, Token));
        Assert.Equal(jobs.Select(j => j.OwnerId).Order(), (await db.Messages.Where(m => m.Kind == MessageKind.Ready).Select(m => m.OwnerId).ToListAsync(Token)).Order());
        Assert.Equal(jobs.Count, await db.Set<BlazorTranscode.Audio.Rendition>().CountAsync(Token));
        Assert.All(await db.Mailboxes.ToListAsync(Token), mailbox => Assert.Equal(1, mailbox.Version));
        Assert.True(await db.Deliveries.CountAsync(d => d.Outcome == DeliveryOutcome.Applied, Token) is var applied && (applied == 0 || applied == jobs.Count));
        Assert.Equal("ok", await db.Database.SqlQuery<string>($"PRAGMA integrity_check").AsAsyncEnumerable().FirstAsync(Token));
    }
}
