using System.Net;
using BlazorTranscode.Accounts;
using BlazorTranscode.Administration;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Accounts;

public sealed class CircuitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Circuit_AsksEveryMinuteWhetherTheSessionHolds()
    {
        await using var app = TestApp.Start();
        await using var scope = app.Services.CreateAsyncScope();

        Assert.IsType<CircuitAuthentication>(scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>());
        Assert.Equal(TimeSpan.FromMinutes(1), AccountsRegistration.StampCheck);
    }

    [Fact]
    public async Task SignOut_InOneTab_ClosesTheOtherTabsOfThatBrowserOnly()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        await using var laptop = await Browser.NewContextAsync(app.Address);
        await laptop.SignInAsync(ann);
        await using var phone = await Browser.NewContextAsync(app.Address);
        await phone.AddCookiesAsync(await CookiesOfANewSessionAsync(app, ann));
        var (tab, other, elsewhere) = (await laptop.OpenLiveAsync(""), await laptop.OpenLiveAsync(""), await phone.OpenLiveAsync(""));

        await tab.GotoAsync("account/manage");
        await tab.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).First.ClickAsync();

        await other.ArriveAtAsync("/account/login?returnUrl=%2F");
        Assert.Equal("/", new Uri(elsewhere.Url).AbsolutePath);
        await elsewhere.ReloadAsync();
        Assert.Equal("/", new Uri(elsewhere.Url).AbsolutePath);
    }

    [Fact]
    public async Task Disable_ClosesEveryTabAndWayIn()
    {
        await using var app = TestApp.Start();
        var boss = await app.CreateUserAsync("boss", administrator: true);
        var ann = await app.CreateUserAsync("ann");
        await using var context = await Browser.NewContextAsync(app.Address);
        await context.SignInAsync(ann);
        var tab = await context.OpenLiveAsync("");

        await DisableAsync(app, boss, ann);

        await tab.ArriveAtAsync("/account/login?returnUrl=%2F");
        Assert.Equal(HttpStatusCode.Found, (await ann.Client.GetAsync("/", Cancel)).StatusCode); // The cookie too, before the minute is over.
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(ann, app.CreateBrowserlessClient().Client)).StatusCode);
    }

    [Fact]
    public async Task DisabledWhileATabIsOffTheLine_TheTabIsSentToSignInWhenItIsBack()
    {
        await using var app = TestApp.Start();
        var boss = await app.CreateUserAsync("boss", administrator: true);
        var ann = await app.CreateUserAsync("ann");
        await using var link = new TcpLink(app.Address);
        await using var context = await Browser.NewContextAsync(link.Address);
        await context.SignInAsync(ann);
        var tab = await context.OpenLiveAsync("messages");

        link.Cut();
        await Expect(tab.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        await DisableAsync(app, boss, ann);
        link.Mend(app.Address);

        await tab.ArriveAtAsync("/account/login?returnUrl=%2Fmessages");
        await Expect(tab.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }

    private static async Task DisableAsync(TestApp app, TestUser boss, TestUser user)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var signIn = scope.ServiceProvider.GetRequiredService<SignInManager<AppUser>>();
        var actor = await signIn.CreateUserPrincipalAsync((await signIn.UserManager.FindByIdAsync(boss.Id))!);
        Assert.True(await app.Get<UserAdministration>().DisableAsync(actor, user.Id));
    }

    private static async Task<HttpResponseMessage> SignInAsync(TestUser user, HttpClient client) =>
        await client.PostFormAsync("account/login", new() { ["Input.Email"] = user.Email, ["Input.Password"] = user.Password });

    private static async Task<IEnumerable<Microsoft.Playwright.Cookie>> CookiesOfANewSessionAsync(TestApp app, TestUser user)
    {
        var (client, cookies) = app.CreateBrowserlessClient();
        await SignInAsync(user, client);
        return (user with { Client = client, Cookies = cookies }).BrowserCookies;
    }
}
