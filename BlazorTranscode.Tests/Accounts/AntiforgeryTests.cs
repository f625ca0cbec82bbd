using System.Net;
using System.Text.RegularExpressions;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Accounts;

public sealed partial class AntiforgeryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("account/login")]
    [InlineData("account/register")]
    [InlineData("account/logout")]
    [InlineData("account/sign-out-everywhere")]
    [InlineData("account/manage")]
    [InlineData("account/passkeys/sign-in")]
    [InlineData("account/passkeys/sign-in/options")]
    [InlineData("account/passkeys/add")]
    [InlineData("account/passkeys/add/options")]
    [InlineData("account/passkeys/rename")]
    [InlineData("account/passkeys/delete")]
    public async Task Form_WithoutItsToken_IsRefused(string address)
    {
        await using var app = TestApp.Start(new() { ["Accounts:Registration"] = "Open" });
        var ann = await app.CreateUserAsync("ann");
        using var content = new FormUrlEncodedContent([new("credential", "{}"), new("id", "x"), new("_handler", "login")]);

        var answer = await ann.Client.PostAsync(new Uri(address, UriKind.Relative), content, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Form_WithTheTokenOfSomebodyElse_IsRefused()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        var bob = await app.CreateUserAsync("bob");
        var token = Token().Match(await bob.Client.GetStringAsync("account/manage", Cancel)).Groups[1].Value;
        using var content = new FormUrlEncodedContent([new("__RequestVerificationToken", token)]);

        var answer = await ann.Client.PostAsync(new Uri("account/sign-out-everywhere", UriKind.Relative), content, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]*)\"")]
    private static partial Regex Token();
}
