using System.Net;
using BlazorTranscode.Accounts;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Accounts;

public sealed class SessionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_Cookie_IsGuardedAndLastsFourteenDays()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");

        var answer = await SignInAsync(app, ann);

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("bt-session=", StringComparison.Ordinal));
        Assert.Contains("; path=/", cookie, StringComparison.Ordinal);
        Assert.Contains("; samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Contains("; httponly", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("; secure", cookie, StringComparison.Ordinal);
        var expires = DateTimeOffset.Parse(cookie.Split("expires=")[1].Split(';')[0], null);
        Assert.InRange(expires - DateTimeOffset.UtcNow, TimeSpan.FromDays(13.9), TimeSpan.FromDays(14));
    }

    [Fact]
    public async Task Cookies_PublicOriginIsHttps_AreHostOnlyAndSecure()
    {
        await using var app = TestApp.Start(new() { ["PublicOrigin"] = "https://audio.example.org" });
        var (client, _) = app.CreateBrowserlessClient();
        client.DefaultRequestHeaders.Host = "audio.example.org"; // As a proxy passes it on, by plain http.

        var answer = await client.GetAsync("account/register", Cancel);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var form = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("__Host-bt-form=", form, StringComparison.Ordinal);
        Assert.EndsWith("; path=/; secure; samesite=strict; httponly", form, StringComparison.Ordinal);
        var options = app.Get<IOptionsMonitor<CookieAuthenticationOptions>>();
        foreach (var scheme in new[] { IdentityConstants.ApplicationScheme, IdentityConstants.TwoFactorUserIdScheme })
        {
            Assert.StartsWith("__Host-", options.Get(scheme).Cookie.Name, StringComparison.Ordinal);
            Assert.Equal(CookieSecurePolicy.Always, options.Get(scheme).Cookie.SecurePolicy);
        }
    }

    [Fact]
    public async Task SignOut_EndsTheSession()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");

        var answer = await ann.Client.PostFormAsync("account/manage", [], to: "account/logout");

        Assert.Equal("/account/login?notice=signed-out", answer.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.Found, (await ann.Client.GetAsync("/", Cancel)).StatusCode);
    }

    [Fact]
    public async Task SignOut_AfterTheStampWasChecked_StillNamesItsSession()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = TestApp.Start(services: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        var ann = await app.CreateUserAsync("ann");
        clock.Advance(TimeSpan.FromSeconds(61));
        string? ended = null;
        using var listening = app.Get<EndedSessions>().Listen(end => ended = end.SessionId);

        await ann.Client.PostFormAsync("account/manage", [], to: "account/logout");

        Assert.NotNull(ended);
    }

    [Fact]
    public async Task SignOut_CookieBroughtBackByAnOverlappingRequest_IsVoid()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        var kept = ann.Cookies.GetCookies(app.Address)["bt-session"]!.Value;

        await ann.Client.PostFormAsync("account/manage", [], to: "account/logout");
        ann.Cookies.Add(app.Address, new System.Net.Cookie("bt-session", kept));

        Assert.Equal(HttpStatusCode.Found, (await ann.Client.GetAsync("/", Cancel)).StatusCode);
    }

    [Fact]
    public async Task SignOutEverywhere_OtherBrowsersAreOutWithinAMinute()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = TestApp.Start(services: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        var ann = await app.CreateUserAsync("ann");
        var (other, _) = app.CreateBrowserlessClient();
        await SignInAsync(app, ann, other);
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/", Cancel)).StatusCode); // A check alone costs nobody the sign-in.

        await ann.Client.PostFormAsync("account/manage", [], to: "account/sign-out-everywhere");
        clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(HttpStatusCode.Found, (await ann.Client.GetAsync("/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Found, (await other.GetAsync("/", Cancel)).StatusCode);
    }

    [Fact]
    public async Task ChangePassword_ThisBrowserStaysAndOthersGo()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = TestApp.Start(services: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        var ann = await app.CreateUserAsync("ann");
        var (other, _) = app.CreateBrowserlessClient();
        await SignInAsync(app, ann, other);

        var wrong = await ChangeAsync(ann.Client, "not the password", "two swans land on ice");
        var right = await ChangeAsync(ann.Client, ann.Password, "two swans land on ice");
        clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Contains("The current password is not right", await wrong.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Found, right.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await ann.Client.GetAsync("/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Found, (await other.GetAsync("/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(app, ann)).StatusCode);
        Assert.Equal(HttpStatusCode.Found, (await SignInAsync(app, ann with { Password = "two swans land on ice" })).StatusCode);
    }

    private static async Task<HttpResponseMessage> SignInAsync(TestApp app, TestUser user, HttpClient? client = null) =>
        await (client ?? app.CreateBrowserlessClient().Client).PostFormAsync(
            "account/login", new() { ["Input.Email"] = user.Email, ["Input.Password"] = user.Password });

    private static Task<HttpResponseMessage> ChangeAsync(HttpClient client, string current, string wanted) => client.PostFormAsync("account/manage", new()
    {
        ["_handler"] = "change-password", ["Input.Current"] = current, ["Input.Password"] = wanted, ["Input.Repeat"] = wanted,
    });
}
