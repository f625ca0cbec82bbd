using System.Net;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Accounts;

public sealed class LoginTests
{
    [Fact]
    public async Task Library_SignedOut_LeadsToTheLogin()
    {
        await using var app = TestApp.Start();
        var (client, _) = app.CreateBrowserlessClient();

        var answer = await client.GetAsync("/", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.StartsWith("/account/login", answer.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Library_SignedIn_IsShown()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");

        var answer = await ann.Client.GetAsync("/", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
