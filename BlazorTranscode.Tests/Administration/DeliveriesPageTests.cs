using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Webhooks;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Administration;

/// <summary>From the simulated AWS to the tabs of the owner, and what an administrator sees of the way.</summary>
public sealed class DeliveriesPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DeliveryReachesBothTabsOfItsOwnerAndNobodyElse_AndItsWayIsOnThePage()
    {
        await using var webhook = await (await WebhookApp.StartAsync()).SubscribeAsync();
        var (anna, ben, boss) = (await webhook.App.CreateUserAsync("anna"), await webhook.App.CreateUserAsync("ben"), await webhook.App.CreateUserAsync("boss", administrator: true));
        var job = await webhook.AddRemoteJobAsync(anna.Id);
        await using var annas = await Browser.NewContextAsync(webhook.App.Address);
        await using var bens = await Browser.NewContextAsync(webhook.App.Address);
        await annas.SignInAsync(anna);
        await bens.SignInAsync(ben);
        var (first, second, other) = (await annas.NewPageAsync(), await annas.NewPageAsync(), await bens.NewPageAsync());
        await first.GotoLiveAsync("");
        await second.GotoLiveAsync("messages");
        await other.GotoLiveAsync("");

        Assert.True((await webhook.Topic.PublishAsync(EnginePayloads.MediaConvert(job, "COMPLETE"))).Delivered);

        await Expect(Alerts(first)).ToHaveCountAsync(1);
        await Expect(Alerts(second)).ToHaveCountAsync(1);
        // Ben's own news comes after Anna's: when it is there, hers would be too.
        await webhook.Topic.PublishAsync(EnginePayloads.MediaConvert(await webhook.AddRemoteJobAsync(ben.Id), "ERROR", 1021));
        await Expect(Alerts(other)).ToHaveCountAsync(1);
        await Expect(Alerts(other)).ToContainTextAsync("could not be converted");
        await first.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(Alerts(second)).ToHaveCountAsync(0);

        await using var db = await webhook.App.OpenDatabaseAsync();
        await db.Deliveries.ExecuteUpdateAsync(set => set.SetProperty(delivery => delivery.RemoteAddress, "2001:db8:85a3:8d3:1319:8a2e:370:7348"), Cancel);
        await using var bosses = await Browser.NewContextAsync(webhook.App.Address);
        await bosses.SignInAsync(boss);
        var page = await bosses.NewPageAsync();
        await page.GotoLiveAsync("administration/deliveries");
        await Expect(page.GetByText(": confirmed, last genuine delivery")).ToBeVisibleAsync();
        await page.GetByLabel("Find an id").FillAsync(job.EngineJobId!);
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Applied" })).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Details" }).ClickAsync();
        var way = page.GetByLabel("What became of it");
        await Expect(way).ToContainTextAsync("Succeeded, by a delivery");
        await Expect(way).ToContainTextAsync("Shown in 2 tabs");
        await Expect(way).ToContainTextAsync("Closed");
        await page.SetViewportSizeAsync(390, 844);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Details" })).ToBeInViewportAsync(new() { Ratio = 1 });
        annas.AssertNoTrouble();
        bosses.AssertNoTrouble();
    }

    [Fact]
    public async Task Page_ShowsWhatWasRefusedAndWhatWasFoundByAsking()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var boss = await webhook.App.CreateUserAsync("boss", administrator: true);
        var forged = webhook.Topic.Notification("hello");
        forged["Message"] = "hullo";
        await webhook.PostAsync(forged);
        await webhook.PostAsync("no envelope");
        var job = await webhook.AddRemoteJobAsync();
        await webhook.App.Get<JobReports>().ReportAsync(
            new(job.Id, 1, JobState.Failed) { Source = ReportSource.Reconciler, Reason = "Why not." }, Cancel);
        await using var context = await Browser.NewContextAsync(webhook.App.Address);
        await context.SignInAsync(boss);
        var page = await context.NewPageAsync();
        await page.GotoLiveAsync("administration/deliveries");
        await Expect(page.GetByText("Signature: 1, answered with 403")).ToBeVisibleAsync();
        await Expect(page.GetByText("Malformed: 1, answered with 400")).ToBeVisibleAsync();
        await Expect(page.GetByText(": not confirmed yet, it has never sent anything")).ToBeVisibleAsync();
        await Expect(page.GetByText("found by asking the engine")).ToBeVisibleAsync();
        await Expect(page.GetByText("Nothing has come yet that matches.")).ToBeVisibleAsync();
        context.AssertNoTrouble();
    }

    [Fact]
    public async Task Page_ForAnybodyElse_IsClosed()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        var answer = await ann.Client.GetAsync(new Uri("administration/deliveries", UriKind.Relative), Cancel);
        Assert.StartsWith("/account/access-denied", answer.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
    }

    private static ILocator Alerts(IPage page) => page.Locator("[data-message-id]");
}
