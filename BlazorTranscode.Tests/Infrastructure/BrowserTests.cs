namespace BlazorTranscode.Tests.Infrastructure;

public sealed class BrowserTests
{
    [Fact]
    public async Task Context_ReportsErrorsOfThePageAndRequestsToOtherHosts()
    {
        await using var app = TestApp.Start();
        await using var context = await Browser.NewContextAsync(app.Address);
        var page = await context.NewPageAsync();
        await page.GotoAsync("not-found");
        await page.EvaluateAsync("console.error('broken'); fetch('http://other.invalid/').catch(() => 0)");

        await Eventually.TrueAsync(() => context.Trouble.Any(t => t.Contains("broken", StringComparison.Ordinal)));
        await Eventually.TrueAsync(() => context.Trouble.Any(t => t.Contains("other.invalid", StringComparison.Ordinal)));
    }
}
