using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Flow;

/// <summary>AWS mode as a person sees it: a large file from the browser through the app into the bucket, and back from the bucket.</summary>
public sealed class AwsBrowserTests(Swift swift)
{
    [Fact]
    public Task SixtyMegabytes_BecomeThreeFormats_TwoTabsAreTold_AndTheDownloadHasItsNameAndPlays() => RunAsync(ReportSource.Webhook, seconds: 340);

    [Fact]
    public Task WithAQueueInsteadOfTheWebhook_TheSame() => RunAsync(ReportSource.Queue, seconds: 20);

    [Fact]
    public Task WithEveryWebhookLost_TheSame() => RunAsync(ReportSource.Reconciler, seconds: 20);

    /// <param name="news">The only way in which the end of the job can be heard of.</param>
    /// <param name="seconds">How long the sound is; three of them are half a megabyte.</param>
    private async Task RunAsync(ReportSource news, int seconds)
    {
        await using var aws = await AwsSimulator.StartAsync();
        var bucket = await swift.NewBucketAsync();
        using var client = Swift.Client(bucket);
        var topic = aws.CreateTopic();
        (aws.MediaConvert.Work, aws.MediaConvert.Topic) = (new FfmpegWork(client).DoAsync, topic);
        var settings = AwsFlowTests.SettingsFor(aws, topic, bucket);
        if (news is ReportSource.Queue)
            (topic.Queue, settings["Sqs:QueueUrl"]) = (aws.Queue, aws.Queue.Url);
        await using var app = TestApp.Start(settings);
        if (news is not ReportSource.Queue)
            Assert.True((await topic.SubscribeAsync(new Uri(app.Address, "webhooks/sns"))).Delivered);
        if (news is ReportSource.Reconciler)
            topic.Faults = new(new Random(1), Drop: 1, Double: 0);
        else
            aws.MediaConvert.Fault = SimulatedMediaConvert.KeepToItself;
        var anna = await app.CreateUserAsync("anna");
        await using var context = await Browser.NewContextAsync(app.Address);
        await context.SignInAsync(anna);
        IPage upload = await context.OpenLiveAsync("upload"), library = await context.OpenLiveAsync("");
        using var folder = new TempFolder();
        var tone = await folder.ToneAsync("Käse “2”.wav", seconds, "-ac", "2", "-ar", "44100");
        Assert.Equal(seconds * 176_400, new FileInfo(tone).Length, 1000.0);

        await UploadSteps.Box(upload, "Opus").CheckAsync();
        await UploadSteps.ChooseAsync(upload, tone);

        foreach (var tab in (IPage[])[upload, library])
            await Expect(tab.Alerts()).ToHaveCountAsync(1, new() { Timeout = 180_000 });
        await library.Alerts().GetByRole(AriaRole.Link, new() { Name = "Open" }).ClickAsync();
        var download = await library.DownloadAsync(library.Locator("a[href$='/mp3']"));
        Assert.Equal("Käse “2”.mp3", download.SuggestedFilename);
        Assert.StartsWith(bucket.ServiceUrl, download.Url, StringComparison.Ordinal);
        Assert.Equal(seconds, (await Sounds.DecodedLengthAsync(await download.PathAsync())).TotalSeconds, 0.2);
        await library.EvaluateAsync("document.querySelector('audio').muted = true; document.querySelector('audio').play()");
        await Eventually.TrueAsync(() => library.EvaluateAsync<bool>("document.querySelector('audio').currentTime > 0.2"));
        Assert.Equal(["mp3", "opus", "flac"], Assert.Single(aws.MediaConvert.Jobs.Values).Outputs.Select(o => o.Path.Split('.')[^1]));
        await using var db = await app.OpenDatabaseAsync();
        Assert.Equal(news, (await db.TranscodeJobs.SingleAsync(TestContext.Current.CancellationToken)).HeardBy);
        Assert.All(context.Trouble, trouble => Assert.StartsWith($"request to another host: {bucket.ServiceUrl}/", trouble, StringComparison.Ordinal));
    }
}
