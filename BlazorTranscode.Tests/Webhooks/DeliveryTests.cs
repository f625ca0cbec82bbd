using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>From a genuine delivery to what its job and its owner have of it.</summary>
public sealed class DeliveryTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task MediaConvertComplete_JobSucceedsWithRenditionsAndOneMessage(string signatureVersion)
    {
        await using var webhook = await (await WebhookApp.StartAsync()).SubscribeAsync();
        webhook.Topic.SignatureVersion = signatureVersion;
        var job = await webhook.AddRemoteJobAsync(presets: ["mp3", "flac"]);
        List<long> rings = [];
        using var subscription = webhook.App.Get<MessageFeed>().Subscribe("anna", rings.Add);

        Assert.True((await webhook.Topic.PublishAsync(EnginePayloads.MediaConvert(job, "PROGRESSING"))).Delivered);
        Assert.Equal(JobState.Running, (await webhook.JobAsync(job.Id)).State);
        Assert.True((await webhook.Topic.PublishAsync(EnginePayloads.MediaConvert(job, "COMPLETE"))).Delivered);

        var after = await webhook.JobAsync(job.Id);
        Assert.Equal((JobState.Succeeded, ReportSource.Webhook), (after.State, after.HeardBy));
        var message = Assert.Single(await webhook.MessagesAsync(job.Id));
        Assert.Equal((MessageKind.Ready, "anna"), (message.Kind, message.OwnerId));
        Assert.Equal([message.Version], rings);
        await using var db = await webhook.App.OpenDatabaseAsync();
        var renditions = await db.Renditions.Where(r => r.AudioFileId == job.AudioFileId).OrderBy(r => r.PresetId).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["flac", "mp3"], renditions.Select(r => r.PresetId));
        Assert.All(renditions, r => Assert.Equal(TimeSpan.FromSeconds(30), r.Duration));
        Assert.Equal($"renditions/{job.Id:N}/1/audio.flac", renditions[0].StorageKey);
        Assert.Equal([DeliveryOutcome.Confirmed, DeliveryOutcome.Applied, DeliveryOutcome.Applied], (await webhook.DeliveriesAsync()).Select(d => d.Outcome));
    }

    [Fact]
    public async Task ElasticTranscoderCompleted_JobSucceedsWithOneMessage()
    {
        await using var webhook = await (await WebhookApp.StartAsync()).SubscribeAsync();
        var job = await webhook.AddRemoteJobAsync(engine: "elastictranscoder", presets: ["mp3", "m4a"]);

        foreach (var state in (string[])["PROGRESSING", "WARNING", "COMPLETED"])
            Assert.True((await webhook.Topic.PublishAsync(EnginePayloads.ElasticTranscoder(job, state), "Amazon Elastic Transcoder")).Delivered);

        Assert.Equal(JobState.Succeeded, (await webhook.JobAsync(job.Id)).State);
        Assert.Equal(MessageKind.Ready, Assert.Single(await webhook.MessagesAsync(job.Id)).Kind);
    }

    [Fact]
    public async Task UnknownTopicSetting_EndpointIsNotThere()
    {
        await using var app = Infrastructure.TestApp.Start();
        using var client = app.CreateClient();
        using var content = new StringContent("{}");
        var response = await client.PostAsync(new Uri("webhooks/sns", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
