using System.Text.Json;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace BlazorTranscode.Tests.Accounts;

public sealed class PasskeyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Passkey_AddedRenamedUsedAndDeleted()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        await using var context = await Browser.NewContextAsync(app.Address);
        var page = await OpenAsync(context, ann);

        await AddAsync(page, "Laptop");
        await page.GetByLabel("Name of the passkey").FillAsync("Old laptop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        await page.GetByText("The passkey has its new name.").WaitForAsync();
        Assert.Equal("Old laptop", await page.GetByLabel("Name of the passkey").InputValueAsync());
        await SignOutAsync(page);
        await SignInAsync(page);
        await page.ArriveAtAsync("/");
        await page.GotoAsync("account/manage");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete the passkey Old laptop" }).ClickAsync();
        await page.GetByText("The passkey is deleted.").WaitForAsync();
        await SignOutAsync(page);
        await SignInAsync(page);
        await page.GetByText("That passkey did not open an account here.").WaitForAsync();
        context.AssertNoTrouble();
    }

    [Fact]
    public async Task Passkey_OfferedInTheAddressField_SignsIn()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        await using var context = await Browser.NewContextAsync(app.Address);
        var page = await OpenAsync(context, ann, autofill: true);
        await AddAsync(page, "Laptop");

        await SignOutAsync(page);

        await page.ArriveAtAsync("/");
    }

    [Fact]
    public async Task Passkey_OpensALockedOutAccountButNotADisabledOne()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        await using var context = await Browser.NewContextAsync(app.Address);
        var page = await OpenAsync(context, ann);
        await AddAsync(page, "Laptop");
        await using var db = await app.OpenDatabaseAsync();
        await db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.LockoutEnd, DateTimeOffset.MaxValue), Cancel);

        await SignOutAsync(page);
        await SignInAsync(page);
        await page.ArriveAtAsync("/");

        await page.GotoAsync("account/manage");
        await SignOutAsync(page);
        await db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.Disabled, true), Cancel);
        await SignInAsync(page);
        await page.GetByText("That passkey did not open an account here.").WaitForAsync();
    }

    [Fact]
    public async Task Passkey_AnsweredTwice_OpensOnce()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        await using var context = await Browser.NewContextAsync(app.Address);
        var page = await OpenAsync(context, ann);
        await AddAsync(page, "Laptop");
        await SignOutAsync(page);
        var answered = await page.RunAndWaitForRequestAsync(() => SignInAsync(page), "**/account/passkeys/sign-in");
        await page.ArriveAtAsync("/");
        await page.GotoAsync("account/manage");
        await SignOutAsync(page);
        await page.ArriveAtAsync("/account/login?notice=signed-out");

        // The same answer again, with a good form token and no open challenge.
        var credential = System.Web.HttpUtility.ParseQueryString(answered.PostData!)["credential"]!;
        var (client, _) = app.CreateBrowserlessClient();
        var answer = await client.PostFormAsync("account/login", new() { ["credential"] = credential }, to: "account/passkeys/sign-in");

        Assert.StartsWith("/account/login?notice=passkey-refused", answer.Headers.Location?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("null")]
    public async Task SignIn_Nonsense_IsRefused(string credential)
    {
        await using var app = TestApp.Start();
        await app.CreateUserAsync("ann");
        var (client, _) = app.CreateBrowserlessClient();
        await client.PostFormAsync("account/login", [], to: "account/passkeys/sign-in/options");

        var answer = await client.PostFormAsync("account/login", new() { ["credential"] = credential }, to: "account/passkeys/sign-in");

        Assert.StartsWith("/account/login?notice=passkey-refused", answer.Headers.Location?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_PublicOrigin_FixesTheDomain()
    {
        await using var app = TestApp.Start(new() { ["PublicOrigin"] = "http://audio.example.org:8080" });
        await app.CreateUserAsync("ann");
        var (client, _) = app.CreateBrowserlessClient();

        var answer = await client.PostFormAsync("account/login", [], to: "account/passkeys/sign-in/options");

        using var options = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("audio.example.org", options.RootElement.GetProperty("rpId").GetString());
        Assert.Equal("required", options.RootElement.GetProperty("userVerification").GetString());
    }

    // Chromium's own authenticator for tests: https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/
    private static async Task<IPage> OpenAsync(IBrowserContext context, TestUser user, bool autofill = false)
    {
        await context.SignInAsync(user);
        var page = await context.NewPageAsync();
        // This authenticator answers the quiet request behind the address field at once; most tests press the button instead.
        if (!autofill)
            await page.AddInitScriptAsync("PublicKeyCredential.isConditionalMediationAvailable = undefined");
        var devtools = await context.NewCDPSessionAsync(page);
        await devtools.SendAsync("WebAuthn.enable");
        await devtools.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new
            {
                protocol = "ctap2", transport = "internal", hasResidentKey = true, hasUserVerification = true, isUserVerified = true,
                automaticPresenceSimulation = true,
            },
        });
        await page.GotoAsync("account/manage");
        return page;
    }

    private static async Task AddAsync(IPage page, string name)
    {
        await page.GetByLabel("Name of a new passkey").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await page.GetByText("The passkey is added.").WaitForAsync();
    }

    private static Task SignOutAsync(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();

    private static Task SignInAsync(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
}
