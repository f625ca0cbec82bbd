using System.Net;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.Hosting;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Accounts;

public sealed partial class RegistrationTests
{
    private const string Good = "four geese cross slowly";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Register_FirstOfAll_IsSignedInAsAdministrator()
    {
        await using var app = TestApp.Start();
        var (client, _) = app.CreateBrowserlessClient();

        var answer = await RegisterAsync(client, "ann@example.org", Good);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("administration", Cancel)).StatusCode);
        Assert.Equal(["ann@example.org"], await AdministratorsAsync(app));
    }

    [Fact]
    public async Task Register_Second_IsNoAdministrator()
    {
        await using var app = TestApp.Start(new() { ["Accounts:Registration"] = "Open" });
        await RegisterAsync(app.CreateBrowserlessClient().Client, "ann@example.org", Good);
        var (client, _) = app.CreateBrowserlessClient();

        await RegisterAsync(client, "bob@example.org", Good);

        var answer = await client.GetAsync("administration", Cancel);
        Assert.StartsWith("/account/access-denied", answer.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
        Assert.Equal(["ann@example.org"], await AdministratorsAsync(app));
    }

    [Theory]
    [InlineData("Open", 8)]
    [InlineData("FirstUserOnly", 1)]
    public async Task Register_ManyFirstsAtOnce_OneIsAdministrator(string mode, int accounts)
    {
        await using var app = TestApp.Start(new() { ["Accounts:Registration"] = mode });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => RegisterAsync(app.CreateBrowserlessClient().Client, $"first{n}@example.org", Good)));

        Assert.Single(await AdministratorsAsync(app));
        await using var db = await app.OpenDatabaseAsync();
        Assert.Equal(accounts, await db.Users.CountAsync(Cancel));
    }

    [Theory]
    [InlineData("Closed", false)]
    [InlineData("FirstUserOnly", true)]
    public async Task Register_WhenClosed_MakesNoAccount(string mode, bool somebodyIsThere)
    {
        await using var app = TestApp.Start(new() { ["Accounts:Registration"] = mode });
        if (somebodyIsThere)
            await app.CreateUserAsync("ann");
        var (client, _) = app.CreateBrowserlessClient();

        Assert.Contains("Registration is closed", await client.GetStringAsync("account/register", Cancel), StringComparison.Ordinal);
        Assert.DoesNotContain("account/register", await client.GetStringAsync("account/login", Cancel), StringComparison.Ordinal);
        // The form of the sign-in has a token that would be good for a hand-made registration too.
        var answer = await client.PostFormAsync("account/login", new()
        {
            ["_handler"] = "register", ["Input.Email"] = "eve@example.org", ["Input.Password"] = Good, ["Input.Repeat"] = Good,
        }, to: "account/register");

        Assert.NotEqual(HttpStatusCode.Found, answer.StatusCode);
        await using var db = await app.OpenDatabaseAsync();
        Assert.Equal(somebodyIsThere ? 1 : 0, await db.Users.CountAsync(Cancel));
    }

    [Fact]
    public async Task Start_UnknownMode_IsRefused()
    {
        var (exitCode, _, errors) = await FailedStart.RunAsync("--Accounts:Registration=Everybody");
        Assert.Equal(1, exitCode);
        Assert.Contains("Accounts:Registration is FirstUserOnly, Open or Closed, but 'Everybody' was given.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Register_SetupTokenRequired_OnlyTheTokenOfTheLogOpens()
    {
        await using var app = TestApp.Start(new() { ["Accounts:RequireSetupToken"] = "true" });
        var file = Path.Combine(app.DataFolder, "setup-token");
        await Eventually.TrueAsync(() => File.Exists(file) && new FileInfo(file).Length > 0);
        var token = await File.ReadAllTextAsync(file, Cancel);
        var (client, _) = app.CreateBrowserlessClient();

        var wrong = await RegisterAsync(client, "ann@example.org", Good, setupToken: token[1..] + "x");
        var none = await RegisterAsync(client, "ann@example.org", Good);
        var right = await RegisterAsync(client, "ann@example.org", Good, setupToken: $" {token}\n");

        Assert.Contains("This is not the setup token", await wrong.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("This is not the setup token", await none.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Found, right.StatusCode);
        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData("eleven char", "at least 12 characters")]
    [InlineData("", "Choose a password.")]
    [InlineData("ann@example.org", "not your e-mail address")]
    public async Task Register_BadPassword_SaysWhatToDo(string password, string sentence)
    {
        await using var app = TestApp.Start();
        var answer = await RegisterAsync(app.CreateBrowserlessClient().Client, "ann@example.org", password);

        Assert.Contains(sentence, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public async Task Register_PasswordLength_IsBounded(int length, bool accepted)
    {
        await using var app = TestApp.Start();
        var answer = await RegisterAsync(app.CreateBrowserlessClient().Client, "ann@example.org", new string('ä', length));

        Assert.Equal(accepted, answer.StatusCode == HttpStatusCode.Found);
        await using var db = await app.OpenDatabaseAsync();
        Assert.Equal(accepted, await db.Users.AnyAsync(Cancel));
    }

    [Theory]
    [InlineData("ann+audio@example.org", true)]
    [InlineData("o'neill@example.org", true)]
    [InlineData("аnn@example.org", false)] // The first letter is Cyrillic.
    [InlineData("Ann <ann@example.org>", false)]
    [InlineData("ann@example.org\r\nBcc: eve@example.org", false)]
    [InlineData("ann@example.org\0", false)]
    [InlineData("ann", false)]
    public async Task Register_Address_IsPlain(string email, bool accepted)
    {
        await using var app = TestApp.Start();
        var answer = await RegisterAsync(app.CreateBrowserlessClient().Client, email, Good);

        Assert.Equal(accepted, answer.StatusCode == HttpStatusCode.Found);
    }

    [Fact]
    public async Task Register_LongOrTakenAddress_IsRefused()
    {
        await using var app = TestApp.Start(new() { ["Accounts:Registration"] = "Open" });
        await app.CreateUserAsync("ann");

        var tooLong = await RegisterAsync(app.CreateBrowserlessClient().Client, new string('a', 320) + "@example.org", Good);
        var taken = await RegisterAsync(app.CreateBrowserlessClient().Client, "ANN@example.org", Good);

        Assert.Matches("""(?s)<input id="email"[^>]* aria-describedby="email-wrong".*<div id="email-wrong".*at most 254 characters""", await tooLong.Content.ReadAsStringAsync(Cancel));
        Assert.Contains("There is an account with this address already", await taken.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Register_MoreFieldsThanAsked_AreIgnored()
    {
        await using var app = TestApp.Start(new() { ["Accounts:Registration"] = "Open" });
        await app.CreateUserAsync("ann", administrator: true);

        await RegisterAsync(app.CreateBrowserlessClient().Client, "eve@example.org", Good, more: new()
        {
            ["Input.Id"] = "mine", ["Input.UserId"] = "mine", ["Input.EmailConfirmed"] = "true", ["Input.IsAdmin"] = "true",
            ["Input.Role"] = CurrentUser.Administrator, ["Input.IsFirst"] = "true",
        });

        await using var db = await app.OpenDatabaseAsync();
        var eve = await db.Users.SingleAsync(user => user.Email == "eve@example.org", Cancel);
        Assert.NotEqual("mine", eve.Id);
        Assert.False(eve.EmailConfirmed);
        Assert.Equal(["ann@example.org"], await AdministratorsAsync(app));
    }

    private static Task<HttpResponseMessage> RegisterAsync(
        HttpClient client, string email, string password, string? setupToken = null, Dictionary<string, string>? more = null) =>
        client.PostFormAsync("account/register", new(more ?? [])
        {
            ["Input.Email"] = email,
            ["Input.Password"] = password,
            ["Input.Repeat"] = password,
            ["Input.SetupToken"] = setupToken ?? "",
        });

    private static async Task<string?[]> AdministratorsAsync(TestApp app)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var users = await scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>().GetUsersInRoleAsync(CurrentUser.Administrator);
        return [.. users.Select(user => user.Email)];
    }
}
