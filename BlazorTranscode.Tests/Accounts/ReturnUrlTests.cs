using BlazorTranscode.Accounts;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Accounts;

public sealed class ReturnUrlTests
{
    public static TheoryData<string> Elsewhere =>
    [
        "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "https://evil.example", "http:evil.example",
        "https:/evil.example", "https:\\\\evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", "evil.example/x", "@evil.example",
        " //evil.example", "\t//evil.example", "/\t/evil.example", "/\r\n/evil.example", "/\n\nSet-Cookie: a=b", "\r\nLocation: https://evil.example",
        "/\0/evil.example", "~//evil.example", "~/\\evil.example", "~/x", "?x=//evil.example", "#//evil.example", "ftp://evil.example", "//evil.example%2f..",
        "HTTPS://evil.example", "//localhost@evil.example", "",
    ];

    [Theory]
    [MemberData(nameof(Elsewhere))]
    public void Or_AddressElsewhere_IsNotTaken(string url) => Assert.Equal("/", LocalUrl.Or(url, "/"));

    [Theory]
    [InlineData("/")]
    [InlineData("/files/3?sort=name#top")]
    [InlineData("/account/manage")]
    public void Or_AddressHere_IsTaken(string url) => Assert.Equal(url, LocalUrl.Or(url, "/otherwise"));

    [Theory]
    [InlineData("/⁄x", "/%E2%81%84x")]
    [InlineData("/?search=a b/é", "/?search=a%20b/%C3%A9")]
    public void Or_AddressThatIsNotAscii_IsEscaped(string url, string escaped) => Assert.Equal(escaped, LocalUrl.Or(url, "/otherwise"));

    [Theory]
    [InlineData("/⁄x", "/%E2%81%84x")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("/account/manage", "/account/manage")]
    public async Task Login_ReturnUrl_StaysHere(string url, string expected)
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        var (client, _) = app.CreateBrowserlessClient();

        var login = await client.PostFormAsync(
            $"account/login?returnUrl={Uri.EscapeDataString(url)}", new() { ["Input.Email"] = ann.Email, ["Input.Password"] = ann.Password });
        var logout = await ann.Client.PostFormAsync("account/manage", new() { ["returnUrl"] = url }, to: "account/logout");

        Assert.Equal(expected, new Uri(app.Address, login.Headers.Location!).PathAndQuery);
        Assert.Equal(app.Address.Authority, new Uri(app.Address, login.Headers.Location!).Authority);
        Assert.Equal(app.Address.Authority, new Uri(app.Address, logout.Headers.Location!).Authority);
    }
}
