using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;
using BlazorTranscode.Tests.Transcoding.MediaConvert;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Flow;

/// <summary>
/// The whole product in AWS mode: a real S3 that is not ours, and the simulator for the rest, whose jobs are really done by ffmpeg.
/// </summary>
public sealed class AwsFlowTests(Swift swift)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upload_BecomesFourFormatsAMessageAndADownloadFromTheBucket(bool deliveriesLost)
    {
        await using var aws = await AwsSimulator.StartAsync();
        var bucket = await swift.NewBucketAsync();
        using var client = Swift.Client(bucket);
        aws.MediaConvert.Work = new FfmpegWork(client).DoAsync;
        aws.MediaConvert.Topic = aws.CreateTopic();
        await using var app = TestApp.Start(SettingsFor(aws, aws.MediaConvert.Topic, bucket));
        Assert.True((await aws.MediaConvert.Topic.SubscribeAsync(new Uri(app.Address, "webhooks/sns"))).Delivered);
        if (deliveriesLost)
            aws.MediaConvert.Topic.Faults = new(new Random(1), 1, 0);
        else
            aws.MediaConvert.Fault = SimulatedMediaConvert.KeepToItself;
        var anna = await app.CreateUserAsync("anna");
        using var folder = new TempFolder();
        var source = await File.ReadAllBytesAsync(await folder.ToneAsync("tone.wav", 120, "-ac", "2"), Token);

        var id = await new TusClient(anna).UploadAsync(source, "Käse.wav", "mp3,m4a,opus,flac");
        var message = await MessageAsync(app, anna.Id);

        Assert.Equal((MessageKind.Ready, id), (message.Kind, message.FileId));
        await using var db = await app.OpenDatabaseAsync();
        Assert.Equal(deliveriesLost ? ReportSource.Reconciler : ReportSource.Webhook, (await db.TranscodeJobs.SingleAsync(Token)).HeardBy);
        foreach (var (format, type) in new[] { ("mp3", "audio/mpeg"), ("m4a", "audio/mp4"), ("opus", "audio/ogg"), ("flac", "audio/flac"), ("source", "application/octet-stream") })
        {
            using var redirect = await anna.Client.GetAsync(new Uri($"files/{id}/{format}", UriKind.Relative), Token);
            Assert.Equal(HttpStatusCode.Found, redirect.StatusCode);
            using var file = await aws.Http.GetAsync(redirect.Headers.Location, Token);
            Assert.Equal(type, file.Content.Headers.ContentType?.MediaType);
            Assert.StartsWith("Käse.", file.Content.Headers.ContentDisposition?.FileNameStar, StringComparison.Ordinal);
            var path = folder.File($"got.{format}");
            await File.WriteAllBytesAsync(path, await file.Content.ReadAsByteArrayAsync(Token), Token);
            Assert.Equal(120, (await Sounds.DecodedLengthAsync(path)).TotalSeconds, 0.5);
        }

        Assert.All(await db.Renditions.AsNoTracking().ToListAsync(Token), r => Assert.Equal(new FileInfo(folder.File($"got.{r.PresetId}")).Length, r.Length));
        Assert.Single(aws.MediaConvert.Jobs);
        using var page = await anna.Client.GetAsync(new Uri($"files/{id}", UriKind.Relative), Token);
        Assert.Contains($"media-src 'self' {bucket.ServiceUrl};", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_WithElasticTranscoder_BecomesAFormatAndAMessage()
    {
        await using var aws = await AwsSimulator.StartAsync();
        var bucket = await swift.NewBucketAsync();
        using var client = Swift.Client(bucket);
        (aws.ElasticTranscoder.Work, aws.ElasticTranscoder.Bucket, aws.ElasticTranscoder.Topic) = (new(client), bucket.Bucket, aws.CreateTopic());
        var settings = SettingsFor(aws, aws.ElasticTranscoder.Topic, bucket);
        (settings["Transcoding:Engine"], settings["ElasticTranscoder:Pipeline"]) = ("ElasticTranscoder", "audio");
        await using var app = TestApp.Start(settings);
        Assert.True((await aws.ElasticTranscoder.Topic.SubscribeAsync(new Uri(app.Address, "webhooks/sns"))).Delivered);
        var anna = await app.CreateUserAsync("anna");
        using var folder = new TempFolder();

        await new TusClient(anna).UploadAsync(await File.ReadAllBytesAsync(await folder.ToneAsync("tone.mp3", 20), Token), "tone.mp3", "flac,wav");

        Assert.Equal(MessageKind.Ready, (await MessageAsync(app, anna.Id)).Kind);
        Assert.Single(aws.ElasticTranscoder.Jobs);
    }

    [Fact]
    public async Task Upload_WithAQueueInsteadOfTheWebhook_BecomesAFormatAndAMessage()
    {
        await using var aws = await AwsSimulator.StartAsync();
        var bucket = await swift.NewBucketAsync();
        using var client = Swift.Client(bucket);
        (aws.MediaConvert.Work, aws.MediaConvert.Topic, aws.MediaConvert.Fault) = (new FfmpegWork(client).DoAsync, aws.CreateTopic(), SimulatedMediaConvert.KeepToItself);
        aws.MediaConvert.Topic.Queue = aws.Queue;
        await using var app = TestApp.Start(new(SettingsFor(aws, aws.MediaConvert.Topic, bucket)) { ["Sqs:QueueUrl"] = aws.Queue.Url });
        var anna = await app.CreateUserAsync("anna");
        using var folder = new TempFolder();

        await new TusClient(anna).UploadAsync(await File.ReadAllBytesAsync(await folder.ToneAsync("tone.mp3", 20), Token), "tone.mp3", "flac,wav");

        Assert.Equal(MessageKind.Ready, (await MessageAsync(app, anna.Id)).Kind);
        await using var db = await app.OpenDatabaseAsync();
        Assert.Equal(ReportSource.Queue, (await db.TranscodeJobs.SingleAsync(Token)).HeardBy);
    }

    internal static Dictionary<string, string?> SettingsFor(AwsSimulator aws, SimulatedTopic topic, S3Options bucket) =>
        new([.. Swift.SettingsFor(bucket), .. MediaConvertTranscoderTests.SettingsFor(aws).ExceptBy(Swift.SettingsFor(bucket).Keys, setting => setting.Key)])
        {
            ["Sns:TopicArns:0"] = topic.Arn, ["Sns:TestEndpoint"] = aws.Origin,
        };

    private static async Task<Message> MessageAsync(TestApp app, string ownerId)
    {
        Message? message = null;
        await Eventually.TrueAsync(
            async () =>
            {
                await using var db = await app.OpenDatabaseAsync();
                return (message = await db.Messages.SingleOrDefaultAsync(m => m.OwnerId == ownerId, Token)) is not null;
            },
            TimeSpan.FromMinutes(2));
        return message!;
    }
}
