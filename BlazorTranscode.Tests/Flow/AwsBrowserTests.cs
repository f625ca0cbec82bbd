using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;
using BlazorTranscode.Tests.Uploads;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Flow;

/// <summary>AWS mode as a person sees it: a large file from the browser through the app into the bucket, and back from the bucket.</summary>
public sealed class AwsBrowserTests(Swift swift)
{
    [Fact]
    public async Task SixtyMegabytes_BecomeThreeFormats_TwoTabsAreTold_AndTheDownloadHasItsNameAndPlays()
    {
        await using var aws = await AwsSimulator.StartAsync();
        var bucket = await swift.NewBucketAsync();
        using var client = Swift.Client(bucket);
        (aws.MediaConvert.Work, aws.MediaConvert.Topic) = (new FfmpegWork(client).DoAsync, aws.CreateTopic());
        await using var app = TestApp.Start(AwsFlowTests.SettingsFor(aws, aws.MediaConvert.Topic, bucket));
        Assert.True((await aws.MediaConvert.Topic.SubscribeAsync(new Uri(app.Address, "webhooks/sns"))).Delivered);
        var anna = await app.CreateUserAsync("anna");
        await using var context = await Browser.NewContextAsync(app.Address);
        await context.SignInAsync(anna);
        IPage upload = await OpenAsync(context, "upload"), library = await OpenAsync(context, "");
        using var folder = new TempFolder();
        var tone = await folder.ToneAsync("Käse “2”.wav", 340, "-ac", "2", "-ar", "44100");
        Assert.True(new FileInfo(tone).Length > 59_000_000);

        await UploadSteps.Box(upload, "Opus").CheckAsync();
        await UploadSteps.ChooseAsync(upload, tone);

        foreach (var tab in (IPage[])[upload, library])
            await Expect(Alerts(tab)).ToHaveCountAsync(1, new() { Timeout = 180_000 });
        await Alerts(library).GetByRole(AriaRole.Link, new() { Name = "Open" }).ClickAsync();
        var download = await library.RunAndWaitForDownloadAsync(() => library.Locator("a[href$='/mp3']").ClickAsync());
        Assert.Equal("Käse “2”.mp3", download.SuggestedFilename);
        Assert.StartsWith(bucket.ServiceUrl, download.Url, StringComparison.Ordinal);
        Assert.InRange(await Sounds.DecodedLengthAsync(await download.PathAsync()), TimeSpan.FromSeconds(339.9), TimeSpan.FromSeconds(340.2));
        await library.EvaluateAsync("document.querySelector('audio').muted = true; document.querySelector('audio').play()");
        await Eventually.TrueAsync(() => library.EvaluateAsync<bool>("document.querySelector('audio').currentTime > 0.2"));
        Assert.Equal(["mp3", "opus", "flac"], Assert.Single(aws.MediaConvert.Jobs.Values).Outputs.Select(o => o.Path.Split('.')[^1]));
        Assert.All(context.Trouble, trouble => Assert.StartsWith($"request to another host: {bucket.ServiceUrl}/", trouble, StringComparison.Ordinal));
    }

    private static ILocator Alerts(IPage page) => page.Locator(".message-alerts [data-message-id]");

    private static async Task<IPage> OpenAsync(IBrowserContext context, string address)
    {
        var page = await context.NewPageAsync();
        await page.GotoLiveAsync(address);
        return page;
    }
}
