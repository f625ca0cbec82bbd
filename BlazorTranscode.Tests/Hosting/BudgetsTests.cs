using System.Net;
using BlazorTranscode.Accounts;
using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Uploads;

namespace BlazorTranscode.Tests.Hosting;

public sealed class BudgetsTests
{
    /// <summary>What holds without settings; <see cref="TestApp"/> raises some of them.</summary>
    private static readonly LimitsOptions Defaults = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("account/login")]
    [InlineData("account/LOGIN/")]
    [InlineData("account/reset-password")]
    [InlineData("account/passkeys/sign-in")]
    public async Task SignIns_MoreThanTheBudgetOfOneAddress_AreRefusedWithASentence(string path)
    {
        await using var app = StartWithDefaults();
        for (var i = 0; i < Defaults.SignInsPerMinute; i++)
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await PostAsync(app, path, "text/html")).StatusCode);

        using var page = await PostAsync(app, path, "text/html");
        using var text = await PostAsync(app, path, "*/*");

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests), (page.StatusCode, text.StatusCode));
        Assert.InRange(page.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(("text/html", "text/plain"), (page.Content.Headers.ContentType!.MediaType, text.Content.Headers.ContentType!.MediaType));
        Assert.Contains("Try again in", await page.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "account/register")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, Health.LivePath)).StatusCode);
    }

    [Fact]
    public async Task Registrations_MoreThanTheBudgetOfOneAddress_AreRefused()
    {
        await using var app = StartWithDefaults();
        for (var i = 0; i < Defaults.RegistrationsPerHour; i++)
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await PostAsync(app, "account/register", "text/html")).StatusCode);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(app, "account/register", "text/html")).StatusCode);
    }

    [Fact]
    public async Task Uploads_BegunAndCancelledWithoutEnd_AreRefusedToThisPersonOnly()
    {
        await using var app = TestApp.Start(new() { ["Limits:UploadsPerMinute"] = "4" });
        var (anna, ben) = (new TusClient(await app.CreateUserAsync("anna")), new TusClient(await app.CreateUserAsync("ben")));
        for (var i = 0; i < 2; i++)
            Assert.Equal(HttpStatusCode.NoContent, (await anna.DeleteAsync(await anna.CreateAsync(10))).StatusCode);

        await anna.PostAsync(10, TusClient.Metadata("song.mp3")).AssertRefusedAsync(HttpStatusCode.TooManyRequests);
        var url = await ben.CreateAsync(10);
        Assert.Equal(HttpStatusCode.NoContent, (await ben.PatchAsync(url, 0, new byte[10])).StatusCode);
    }

    [Fact]
    public async Task Requests_WithoutEnd_AreRefusedToThisAddress_AndNotToThoseWhoAreSignedIn()
    {
        await using var app = TestApp.Start(new() { ["Limits:RequestsPerSecond"] = "1", ["Sns:TopicArns:0"] = "arn:aws:sns:us-east-1:123456789012:jobs" });
        var anna = await app.CreateUserAsync("anna");
        await Eventually.TrueAsync(async () => (await GetAsync(app, "favicon.svg")).StatusCode == HttpStatusCode.TooManyRequests);

        Assert.Equal(HttpStatusCode.OK, (await anna.Client.GetAsync("favicon.svg", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, Health.LivePath)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(app, "webhooks/sns", "*/*")).StatusCode);
    }

    /// <summary>A browser that restores twenty tabs at once, each with all its files.</summary>
    [Fact]
    public async Task Requests_AsMuchAsABrowserEverAsks_AreAnswered()
    {
        await using var app = StartWithDefaults();
        using var client = new HttpClient { BaseAddress = app.Address };
        await Parallel.ForAsync(0, 20 * 60, new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (_, stop) =>
        {
            using var answer = await client.GetAsync("favicon.svg", stop);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        });
    }

    [Fact]
    public async Task Proxy_ThatIsNotKnown_HasTheBudgetOfManyAndIsNamedInTheLogOnce()
    {
        var logs = new LogCollector();
        await using var app = TestApp.Start(new() { ["Limits:SignInsPerMinute"] = "1" }, logs.Install);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await PostAsync(app, "account/login", "*/*")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(app, "account/login", "*/*")).StatusCode);

        for (var i = 0; i < Visitors.Behind; i++)
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await PostAsync(app, "account/login", "*/*", $"203.0.113.{i}")).StatusCode);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(app, "account/login", "*/*", "203.0.113.99")).StatusCode);
        Assert.Single(logs.Lines, line => line.Text.Contains("ForwardedHeaders:KnownProxies", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Proxy_ThatIsKnown_LeavesEachVisitorTheirOwnBudget()
    {
        await using var app = TestApp.Start(new()
        {
            ["Limits:SignInsPerMinute"] = "1", ["ForwardedHeaders:KnownProxies:0"] = "127.0.0.1", ["ForwardedHeaders:KnownProxies:1"] = "::1",
        });
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await PostAsync(app, "account/login", "*/*", "203.0.113.1")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(app, "account/login", "*/*", "203.0.113.1")).StatusCode);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await PostAsync(app, "account/login", "*/*", "203.0.113.2")).StatusCode);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await PostAsync(app, "account/login", "*/*", "2001:db8:1:2::1")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(app, "account/login", "*/*", "2001:db8:1:2:ffff::9")).StatusCode);
    }

    [Fact]
    public async Task Settings_OutOfRange_AreListedAtStart()
    {
        using var data = new TempFolder();
        var (exitCode, _, errors) = await FailedStart.RunAsync($"--Data:Folder={data.Path}", "--Limits:TabsPerPerson=0", "--Limits:RequestsPerSecond=-1");
        Assert.Equal(1, exitCode);
        Assert.Contains("- Limits:TabsPerPerson must be 1 to 100000, but is 0.", errors, StringComparison.Ordinal);
        Assert.Contains("- Limits:RequestsPerSecond must be 1 to 1000000, but is -1.", errors, StringComparison.Ordinal);
    }

    private static TestApp StartWithDefaults() => TestApp.Start(new()
    {
        ["Limits:SignInsPerMinute"] = $"{Defaults.SignInsPerMinute}", ["Limits:RegistrationsPerHour"] = $"{Defaults.RegistrationsPerHour}",
    });

    private static Task<HttpResponseMessage> GetAsync(TestApp app, string path) => SendAsync(app, HttpMethod.Get, path, "text/html", null);

    private static Task<HttpResponseMessage> PostAsync(TestApp app, string path, string accept, string? forwardedFor = null) =>
        SendAsync(app, HttpMethod.Post, path, accept, forwardedFor);

    private static async Task<HttpResponseMessage> SendAsync(TestApp app, HttpMethod method, string path, string accept, string? forwardedFor)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = app.Address };
        using var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post)
            request.Content = new FormUrlEncodedContent([new("field", "value")]);
        request.Headers.Accept.ParseAdd(accept);
        if (forwardedFor is not null)
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        return await client.SendAsync(request, Stop);
    }
}
