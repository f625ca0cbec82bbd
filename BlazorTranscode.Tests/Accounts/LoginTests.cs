using System.Net;
using System.Text.RegularExpressions;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Accounts;

public sealed partial class LoginTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Library_SignedOut_LeadsToTheLogin()
    {
        await using var app = TestApp.Start();
        var (client, _) = app.CreateBrowserlessClient();

        var answer = await client.GetAsync("/", Cancel);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.StartsWith("/account/login", answer.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Library_SignedOutScript_GetsAStatusAndNoPage()
    {
        await using var app = TestApp.Start();
        var (client, _) = app.CreateBrowserlessClient();
        client.DefaultRequestHeaders.Accept.Clear();

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/", Cancel)).StatusCode);
    }

    [Fact]
    public async Task Library_SignedIn_IsShown()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");

        Assert.Equal(HttpStatusCode.OK, (await ann.Client.GetAsync("/", Cancel)).StatusCode);
    }

    [Fact]
    public async Task Login_NobodyHasAnAccount_LeadsToTheRegistration()
    {
        await using var app = TestApp.Start();

        var answer = await app.CreateBrowserlessClient().Client.GetAsync("account/login", Cancel);

        Assert.EndsWith("/account/register", answer.Headers.Location?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_UnknownWrongLockedOrDisabled_AnswersAlike()
    {
        await using var app = TestApp.Start();
        foreach (var name in new[] { "wrong", "locked", "disabled" })
            await app.CreateUserAsync(name);
        await using (var db = await app.OpenDatabaseAsync())
        {
            await db.Users.Where(u => u.Email == "locked@example.org").ExecuteUpdateAsync(s => s.SetProperty(u => u.LockoutEnd, DateTimeOffset.MaxValue), Cancel);
            await db.Users.Where(u => u.Email == "disabled@example.org").ExecuteUpdateAsync(s => s.SetProperty(u => u.Disabled, true), Cancel);
        }
        var right = TestUsers.Password;

        string[] bodies =
        [
            await FailAsync(app, "unknown", right), await FailAsync(app, "wrong", "not the password"),
            await FailAsync(app, "locked", right), await FailAsync(app, "disabled", right),
        ];

        Assert.Contains("The address or the password is not right", bodies[0], StringComparison.Ordinal);
        Assert.All(bodies, body => Assert.Equal(bodies[0], body));
    }

    [Fact]
    public async Task Login_TenWrongPasswords_CloseForFiveMinutes()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = TestApp.Start(services: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        var ann = await app.CreateUserAsync("ann");

        // At once, so that none of them sees what another one counted.
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => LoginAsync(app, "ann", "not the password")));

        Assert.Equal(HttpStatusCode.OK, (await LoginAsync(app, "ann", ann.Password)).StatusCode);
        clock.Advance(TimeSpan.FromMinutes(5.1));
        Assert.Equal(HttpStatusCode.Found, (await LoginAsync(app, "ann", ann.Password)).StatusCode);
    }

    [Fact]
    public async Task Login_RightPassword_ForgetsTheWrongOnes()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        for (var round = 0; round < 2; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => LoginAsync(app, "ann", "not the password")));
            Assert.Equal(HttpStatusCode.Found, (await LoginAsync(app, "ann", ann.Password)).StatusCode);
        }
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("*)(uid=*))(|(uid=*")]
    [InlineData("line\r\nline")]
    [InlineData("👩‍🎤👩‍🎤👩‍🎤")]
    [InlineData("nul\0nul", HttpStatusCode.BadRequest)]
    public async Task Login_StrangeInput_FailsAsUsual(string strange, HttpStatusCode expected = HttpStatusCode.OK)
    {
        await using var app = TestApp.Start();
        await app.CreateUserAsync("ann");

        Assert.Equal(expected, (await LoginAsync(app, "ann", strange)).StatusCode);
        var asAddress = await app.CreateBrowserlessClient().Client.PostFormAsync(
            "account/login", new() { ["Input.Email"] = strange, ["Input.Password"] = strange });
        Assert.Equal(expected, asAddress.StatusCode);
    }

    [Fact]
    public async Task Login_HugePassword_FailsAsUsual()
    {
        await using var app = TestApp.Start();
        await app.CreateUserAsync("ann");

        Assert.Equal(HttpStatusCode.OK, (await LoginAsync(app, "ann", new string('x', 900_000))).StatusCode);
    }

    [Fact]
    public async Task Login_SignedInAlready_GoesWhereItWasMeantTo()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");

        var answer = await ann.Client.GetAsync("account/login?returnUrl=%2Faccount%2Fmanage", Cancel);

        Assert.EndsWith("/account/manage", answer.Headers.Location?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PasswordHash_IsSlowEnough()
    {
        await using var app = TestApp.Start(services: services => services.RemoveAll<IPostConfigureOptions<PasswordHasherOptions>>());

        Assert.Equal(250_000, app.Get<IOptions<PasswordHasherOptions>>().Value.IterationCount);
    }

    private static Task<HttpResponseMessage> LoginAsync(TestApp app, string name, string password) => app.CreateBrowserlessClient().Client.PostFormAsync(
        "account/login", new() { ["Input.Email"] = $"{name}@example.org", ["Input.Password"] = password });

    private static async Task<string> FailAsync(TestApp app, string name, string password)
    {
        var answer = await LoginAsync(app, name, password);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var body = (await answer.Content.ReadAsStringAsync(Cancel)).Replace($"{name}@example.org", "ADDRESS", StringComparison.Ordinal);
        return Protected().Replace(body, "PROTECTED");
    }

    // Every output of Data Protection begins like this and is different each time.
    [GeneratedRegex("CfDJ8[A-Za-z0-9+/=_-]+")]
    private static partial Regex Protected();
}
