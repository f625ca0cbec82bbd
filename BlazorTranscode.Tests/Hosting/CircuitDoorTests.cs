using System.Net.WebSockets;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Hosting;

public sealed class CircuitDoorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("POST", "/_blazor/disconnect")]
    [InlineData("POST", "/_blazor?id=x")]
    [InlineData("GET", "/_blazor?id=x")]
    [InlineData("GET", "/_BLAZOR/initializers")]
    public async Task Circuit_OfAStranger_IsRefused(string method, string path)
    {
        await using var app = TestApp.Start();
        var request = $"{method} {path} HTTP/1.1\r\nHost: {app.Address.Authority}\r\nConnection: close\r\nContent-Length: 0\r\nOrigin: {Origin(app)}\r\n\r\n";
        Assert.Equal(401, RawHttp.Status(await RawHttp.SendAsync(app.Address, request)));
    }

    [Fact]
    public async Task WebSocket_OfAStranger_IsRefused()
    {
        await using var app = TestApp.Start();
        var request = RawHttp.Circuit(app.Address, Origin(app)).Replace("Connection: Upgrade", "Connection: Upgrade, close", StringComparison.Ordinal);
        Assert.Equal(401, RawHttp.Status(await RawHttp.SendAsync(app.Address, request)));
    }

    /// <summary>What a page asks a circuit for stands in it as a comment.</summary>
    [Theory]
    [InlineData("not-found")]
    [InlineData("no/such/page")]
    [InlineData("error")]
    [InlineData("account/register")]
    [InlineData("account/forgot-password")]
    public async Task Page_ForAStranger_AsksForNoCircuit(string path)
    {
        await using var app = TestApp.Start();
        var (client, _) = app.CreateBrowserlessClient();
        using var answer = await client.GetAsync(path, Stop);
        var html = await answer.Content.ReadAsStringAsync(Stop);
        Assert.Contains("<h1", html, StringComparison.Ordinal);
        Assert.DoesNotContain("\"type\":\"server\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_ForAPerson_AsksForACircuit()
    {
        await using var app = TestApp.Start();
        var anna = await app.CreateUserAsync("anna");
        Assert.Contains("\"type\":\"server\"", await anna.Client.GetStringAsync("not-found", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_MoreThanOnePersonMayHave_AreRefusedToThatPersonOnly()
    {
        await using var app = TestApp.Start(new() { ["Limits:TabsPerPerson"] = "2" });
        var (anna, ben) = (await app.CreateUserAsync("anna"), await app.CreateUserAsync("ben"));
        using var first = await ConnectAsync(app, anna);
        using var second = await ConnectAsync(app, anna);
        Assert.Equal(WebSocketState.Open, second.State);

        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(app, anna));
        Assert.Equal(429, await NegotiateAsync(app, anna));
        using var other = await ConnectAsync(app, ben);
        Assert.Equal(200, await NegotiateAsync(app, ben));

        first.Abort();
        await Eventually.TrueAsync(async () => await NegotiateAsync(app, anna) == 200);
    }

    [Fact]
    public async Task Tab_MoreThanOnePersonMayHave_SaysSo_AndIsLiveWhenAnotherIsClosed()
    {
        await using var app = TestApp.Start(new() { ["Limits:TabsPerPerson"] = "1" });
        var anna = await app.CreateUserAsync("anna");
        await using var context = await Browser.NewContextAsync(app.Address);
        await context.SignInAsync(anna);
        var first = await context.OpenLiveAsync("");
        var second = await context.NewPageAsync();
        await second.GotoAsync("messages");
        await Expect(second.GetByText("You have too many pages of this app open")).ToBeVisibleAsync();

        await first.CloseAsync();
        await Eventually.TrueAsync(async () => await NegotiateAsync(app, anna) == 200);
        await second.GetByRole(AriaRole.Button, new() { Name = "Try now" }).ClickAsync();

        await Expect(second.Locator("[data-interactive=yes]")).ToBeVisibleAsync();
    }

    private static async Task<int> NegotiateAsync(TestApp app, TestUser user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "_blazor/negotiate?negotiateVersion=1");
        request.Headers.Add("Origin", Origin(app));
        using var answer = await user.Client.SendAsync(request, Stop);
        return (int)answer.StatusCode;
    }

    private static async Task<ClientWebSocket> ConnectAsync(TestApp app, TestUser user)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", Origin(app));
        socket.Options.SetRequestHeader("Cookie", user.Cookies.GetCookieHeader(app.Address));
        await socket.ConnectAsync(new UriBuilder(app.Address) { Scheme = "ws", Path = "_blazor" }.Uri, Stop);
        return socket;
    }

    private static string Origin(TestApp app) => app.Address.GetLeftPart(UriPartial.Authority);
}
