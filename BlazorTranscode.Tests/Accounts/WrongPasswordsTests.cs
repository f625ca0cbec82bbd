using System.Net;
using BlazorTranscode.Accounts;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Accounts;

/// <summary>Each visitor comes through a known proxy, so that they have addresses of their own.</summary>
public sealed class WrongPasswordsTests : IAsyncLifetime
{
    private const string Wrong = "not the password";
    private const string Stranger = "203.0.113.9";

    private readonly TestApp _app = TestApp.Start(new() { ["ForwardedHeaders:KnownProxies:0"] = "127.0.0.1", ["ForwardedHeaders:KnownProxies:1"] = "::1" });
    private TestUser _ann = default!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _ann = await _app.CreateUserAsync("ann");

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Stranger_WhoTriesOften_ShutsOutHisNetworkOnly()
    {
        await ExhaustAsync(From(Stranger));

        Assert.Equal(HttpStatusCode.OK, await SignInAsync(From(Stranger), _ann.Password));
        Assert.Equal(HttpStatusCode.Found, await SignInAsync(From("198.51.100.7"), _ann.Password));
        Assert.Equal(HttpStatusCode.Found, await SignInAsync(From("2001:db8::1"), _ann.Password));
    }

    [Fact]
    public async Task Stranger_WhoTriesOften_ShutsOutNoBrowserThatSignedInBefore()
    {
        var known = From("198.51.100.7");
        Assert.Equal(HttpStatusCode.Found, await SignInAsync(known, _ann.Password));
        await known.PostFormAsync("account/manage", [], to: "account/logout");
        // The stranger sits in the same network, and in many others.
        await ExhaustAsync(From("198.51.100.7"));
        var account = _ann.Email.ToUpperInvariant();
        for (var i = 0; i < 100 * WrongPasswords.Unhurried; i++)
            _app.Get<WrongPasswords>().Slow(account);

        Assert.Equal(HttpStatusCode.Found, await SignInAsync(known, _ann.Password));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", HttpStatusCode.OK)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", HttpStatusCode.Found)]
    public async Task Stranger_WithManyAddresses_HasThemAllInOneNetwork(string first, string second, HttpStatusCode answer)
    {
        await ExhaustAsync(From(first));
        Assert.Equal(answer, await SignInAsync(From(second), _ann.Password));
    }

    [Fact]
    public async Task KnownBrowser_OfAnotherAccount_OrMadeUp_IsAStranger()
    {
        var ben = await _app.CreateUserAsync("ben");
        ben.Client.DefaultRequestHeaders.Add("X-Forwarded-For", Stranger);
        await ben.Client.PostFormAsync("account/manage", [], to: "account/logout");
        await ExhaustAsync(From(Stranger));

        Assert.Equal(HttpStatusCode.OK, await SignInAsync(ben.Client, _ann.Password));
        var forger = From(Stranger);
        forger.DefaultRequestHeaders.Add("Cookie", $"bt-known={_ann.Id} 0123456789abcdef");
        Assert.Equal(HttpStatusCode.OK, (await forger.GetAsync("account/login", Stop)).StatusCode);
    }

    [Fact]
    public async Task KnownBrowser_ThatGuesses_IsShutOutToo()
    {
        var known = From("198.51.100.7");
        Assert.Equal(HttpStatusCode.Found, await SignInAsync(known, _ann.Password));
        await known.PostFormAsync("account/manage", [], to: "account/logout");
        await ExhaustAsync(known);

        Assert.Equal(HttpStatusCode.OK, await SignInAsync(known, _ann.Password));
        Assert.Equal(HttpStatusCode.Found, await SignInAsync(From("198.51.100.7"), _ann.Password));
    }

    [Fact]
    public async Task KnownBrowser_Cookie_IsProtectedAndLasts()
    {
        var answer = await From(Stranger).PostFormAsync("account/login", new() { ["Input.Email"] = _ann.Email, ["Input.Password"] = _ann.Password });
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("bt-known=", StringComparison.Ordinal));
        Assert.DoesNotContain(_ann.Id, cookie, StringComparison.Ordinal);
        Assert.Contains("; path=/; samesite=lax; httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("max-age=34560000", cookie, StringComparison.Ordinal);
    }

    /// <summary>An address without an account is counted alike, so the count tells nothing.</summary>
    [Fact]
    public void Tries_AreHeardTenTimes_AndAgainAfterFiveMinutes()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var tries = new WrongPasswords(time);
        Assert.Equal(WrongPasswords.MostOfOneSource, Enumerable.Range(0, 50).AsParallel().Count(_ => tries.TryBegin("ANN", "network x")));
        Assert.True(tries.TryBegin("ANN", "network y"));
        time.Advance(WrongPasswords.Closed);
        Assert.True(tries.TryBegin("ANN", "network x"));
    }

    [Fact]
    public void Tries_OfManyNetworks_AreSlowedDownButHeard()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var tries = new WrongPasswords(time);
        var waits = Enumerable.Range(1, 1_000).Select(_ => tries.Slow("ANN")).ToList();
        Assert.All(waits.Take(WrongPasswords.Unhurried - 1), wait => Assert.Equal(TimeSpan.Zero, wait));
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10)), (waits[WrongPasswords.Unhurried], waits.Max()));
        Assert.Equal(TimeSpan.Zero, tries.Slow("BEN"));
        tries.Forget("ANN", "network x");
        Assert.Equal(TimeSpan.Zero, tries.Slow("ANN"));
    }

    private HttpClient From(string address)
    {
        var (client, _) = _app.CreateBrowserlessClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        return client;
    }

    private async Task ExhaustAsync(HttpClient client)
    {
        for (var i = 0; i < WrongPasswords.MostOfOneSource; i++)
            Assert.Equal(HttpStatusCode.OK, await SignInAsync(client, Wrong));
    }

    private async Task<HttpStatusCode> SignInAsync(HttpClient client, string password) =>
        (await client.PostFormAsync("account/login", new() { ["Input.Email"] = _ann.Email, ["Input.Password"] = password })).StatusCode;
}
