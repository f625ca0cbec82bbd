using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using CsCheck;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>For any order of a job's reports, any number of duplicates and any moment at which we learn the engine's id: the same end, one message.</summary>
public sealed class OrderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly Gen<(string Status, int? Code)[]> MediaConvertEvents = Gen.Select(
        OneOf("PROGRESSING", "STATUS_UPDATE", "INPUT_INFORMATION", "NEW_WARNING", "QUEUE_HOP").Array[0, 6],
        OneOf<(string, int?)>(("COMPLETE", null), ("ERROR", 1021), ("CANCELED", null)), Gen.Int[1, 3],
        (harmless, terminal, copies) => (((string, int?)[])[.. harmless.Select(s => (s, (int?)null)), .. Enumerable.Repeat(terminal, copies)]));

    private static readonly Gen<(string Status, int? Code)[]> ElasticTranscoderEvents = Gen.Select(
        OneOf("PROGRESSING", "WARNING").Array[0, 4], OneOf<(string, int?)>(("COMPLETED", null), ("ERROR", 4000)), Gen.Int[1, 3],
        (harmless, terminal, copies) => (((string, int?)[])[.. harmless.Select(s => (s, (int?)null)), .. Enumerable.Repeat(terminal, copies)]));

    [Theory]
    [InlineData("mediaconvert")]
    [InlineData("elastictranscoder")]
    public async Task AnyOrder_AnyDuplicates_SameStateAndExactlyOneMessage(string engine)
    {
        await using var webhook = await WebhookApp.StartAsync();
        await Gen.Select(engine == "mediaconvert" ? MediaConvertEvents : ElasticTranscoderEvents, Gen.Int[0, 8], Gen.Int[0, 1000]).SampleAsync(async (events, known, seed) =>
        {
            var job = await webhook.AddRemoteJobAsync(engine: engine, presets: ["mp3", "wav"]);
            await using (var db = await webhook.App.OpenDatabaseAsync())
                await db.TranscodeJobs.Where(j => j.Id == job.Id).ExecuteUpdateAsync(set => set.SetProperty(j => j.EngineJobId, (string?)null), Token);
            var payloads = events.Select(e => engine == "mediaconvert"
                ? EnginePayloads.MediaConvert(job, e.Status, e.Code)
                : EnginePayloads.ElasticTranscoder(job, e.Status, e.Code)).Select(p => Delivery(p)).ToList();
            // Twice each under the same id, in any order.
            var deliveries = payloads.Concat(payloads).ToArray();
            new Random(seed).Shuffle(deliveries);

            var queue = webhook.App.Get<DeliveryQueue>();
            for (var i = 0; i <= deliveries.Length; i++)
            {
                if (i == Math.Min(known, deliveries.Length))
                    Assert.True(await webhook.App.Get<JobReports>().AcceptedAsync(new(job.Id, 1, JobState.Submitted) { EngineJobId = job.EngineJobId }, Token));
                if (i < deliveries.Length)
                    Assert.Null(await queue.AddAsync(deliveries[i]()));
            }

            await webhook.App.Get<WaitingDeliveries>().ApplyAsync(all: true, Token);
            var succeeds = events.Any(e => e.Status.StartsWith("COMPLETE", StringComparison.Ordinal));
            Assert.Equal(succeeds ? JobState.Succeeded : JobState.Failed, (await webhook.JobAsync(job.Id)).State);
            Assert.Equal(succeeds ? MessageKind.Ready : MessageKind.Failed, Assert.Single(await webhook.MessagesAsync(job.Id)).Kind);
            await using var after = await webhook.App.OpenDatabaseAsync();
            Assert.Equal(succeeds ? 2 : 0, await after.Renditions.CountAsync(r => r.AudioFileId == job.AudioFileId, Token));
            Assert.Equal(events.Length, await after.Deliveries.CountAsync(d => d.JobId == job.Id && d.Outcome != DeliveryOutcome.Waiting && d.Repeats == 1, Token));
        }, iter: 150, threads: 4);
    }

    private static Gen<T> OneOf<T>(params T[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    private static Func<Delivery> Delivery(string body)
    {
        var id = Guid.NewGuid().ToString();
        var now = DateTimeOffset.UtcNow;
        return () => new()
        {
            TopicArn = "t", MessageId = id, Type = SnsType.Notification, SignatureVersion = 2, SentAt = now, ReceivedAt = now, RemoteAddress = null, Body = body,
        };
    }
}
