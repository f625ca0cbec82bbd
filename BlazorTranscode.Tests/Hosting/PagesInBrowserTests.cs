using System.Collections.Concurrent;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>What a real browser makes of the headers.</summary>
public sealed class PagesInBrowserTests
{
    [Fact]
    public async Task Pages_AllOfThem_BreakNoPolicyAndAskNobodyElse()
    {
        await using var app = TestApp.Start();
        await using var context = await Browser.NewContextAsync(app.Address);
        await context.SignInAsync(await app.CreateUserAsync("reader", administrator: true));
        var page = await context.NewPageAsync();
        var routes = app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null && endpoint.RoutePattern.Parameters.Count == 0)
            .Select(endpoint => endpoint.RoutePattern.RawText!).Distinct().Where(route => route != "/error").ToList();
        Assert.Contains("/", routes);
        Assert.Contains("/account/manage", routes);
        foreach (var route in routes)
        {
            await page.GotoAsync(route, new() { WaitUntil = WaitUntilState.NetworkIdle });
            Assert.True(context.Trouble.Count == 0, $"{route}: {string.Join('\n', context.Trouble)}");
        }
    }

    [Fact]
    public async Task Script_ThatSomebodySlippedIn_DoesNotRun()
    {
        await using var app = TestApp.Start();
        await using var context = await Browser.NewContextAsync(app.Address);
        var page = await context.NewPageAsync();
        await page.GotoAsync("account/login");
        await page.EvaluateAsync("document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }))");
        Assert.False(await page.EvaluateAsync<bool>("window.ran === true"));
        await Eventually.TrueAsync(() => context.Trouble.Any(trouble => trouble.Contains("Content Security Policy", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Frame_AroundOurPage_StaysEmpty()
    {
        await using var app = TestApp.Start();
        await using var trap = WebApplication.Create();
        trap.Urls.Add("http://127.0.0.1:0");
        trap.MapGet("/", () => Results.Content($"<iframe src='{app.Address}account/login'></iframe>", "text/html"));
        await trap.StartAsync(TestContext.Current.CancellationToken);
        await using var context = await Browser.NewContextAsync(app.Address);
        var failures = new ConcurrentQueue<string?>();
        context.RequestFailed += (_, request) => failures.Enqueue(request.Failure);
        var page = await context.NewPageAsync();
        await page.GotoAsync(trap.Urls.First());
        await Eventually.TrueAsync(() => failures.Contains("net::ERR_BLOCKED_BY_RESPONSE"));
    }

    /// <summary>The page says good-bye with a beacon, which the origin check has to let through.</summary>
    [Fact]
    public async Task Page_ThatIsLeft_EndsItsCircuitAtOnce()
    {
        var circuits = new Circuits();
        await using var app = TestApp.Start(services: services => services.AddSingleton<CircuitHandler>(circuits));
        await using var context = await Browser.NewContextAsync(app.Address);
        await context.SignInAsync(await app.CreateUserAsync("leaver"));
        var page = await context.OpenLiveAsync("/"); // only then does it listen for the end
        Assert.Equal(1, circuits.Open);
        await page.GotoAsync("/health/live");
        await Eventually.TrueAsync(() => circuits.Open == 0);
    }

    private sealed class Circuits : CircuitHandler
    {
        private int _open;

        public int Open => Volatile.Read(ref _open);

        public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken) => Task.FromResult(Interlocked.Increment(ref _open));

        public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken) => Task.FromResult(Interlocked.Decrement(ref _open));
    }
}
