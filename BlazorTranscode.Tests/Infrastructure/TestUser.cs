using System.Net;
using System.Text.RegularExpressions;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using PlaywrightCookie = Microsoft.Playwright.Cookie;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>A person with an account and a client that is signed in through the real form.</summary>
internal sealed record TestUser(string Id, string Email, string Password, HttpClient Client, CookieContainer Cookies)
{
    /// <summary>The sign-in as Playwright wants it; see <see cref="TestUsers.SignInAsync(IBrowserContext, TestUser)"/>.</summary>
    public IEnumerable<PlaywrightCookie> BrowserCookies => Cookies.GetCookies(Client.BaseAddress!).Select(cookie => new PlaywrightCookie
    {
        Name = cookie.Name,
        Value = cookie.Value,
        Domain = cookie.Domain,
        Path = cookie.Path,
        HttpOnly = cookie.HttpOnly,
        Secure = cookie.Secure,
    });
}

internal static partial class TestUsers
{
    public const string Password = "three quiet herons wade";

    /// <summary>Makes an account past the registration page and signs it in.</summary>
    public static async Task<TestUser> CreateUserAsync(this TestApp app, string name, bool administrator = false)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>();
        var user = new AppUser { UserName = $"{name}@example.org", Email = $"{name}@example.org", Created = DateTimeOffset.UtcNow };
        Assert.True((await users.CreateAsync(user, Password)).Succeeded);
        if (administrator)
        {
            var roles = scope.ServiceProvider.GetRequiredService<RoleManager<IdentityRole>>();
            if (!await roles.RoleExistsAsync(CurrentUser.Administrator))
                await roles.CreateAsync(new(CurrentUser.Administrator));
            Assert.True((await users.AddToRoleAsync(user, CurrentUser.Administrator)).Succeeded);
        }
        var (client, cookies) = app.CreateBrowserlessClient();
        var answer = await client.PostFormAsync("account/login", new() { ["Input.Email"] = user.Email, ["Input.Password"] = Password });
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        return new(user.Id, user.Email, Password, client, cookies);
    }

    /// <summary>A client with cookies that does not follow redirects and asks for pages as a browser does.</summary>
    public static (HttpClient Client, CookieContainer Cookies) CreateBrowserlessClient(this TestApp app)
    {
        var cookies = new CookieContainer();
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = app.Address };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        return (client, cookies);
    }

    /// <summary>Fetches the page, then posts its first form with its hidden fields and these, to the page itself or to another address.</summary>
    public static async Task<HttpResponseMessage> PostFormAsync(this HttpClient client, string page, Dictionary<string, string> fields, string? to = null)
    {
        var html = await client.GetStringAsync(new Uri(page, UriKind.Relative), TestContext.Current.CancellationToken);
        var all = Hidden().Matches(Form().Match(html).Value)
            .ToDictionary(match => match.Groups["name"].Value, match => WebUtility.HtmlDecode(match.Groups["value"].Value));
        foreach (var (name, value) in fields)
            all[name] = value;
        using var content = new FormUrlEncodedContent(all);
        return await client.PostAsync(new Uri(to ?? page, UriKind.Relative), content, TestContext.Current.CancellationToken);
    }

    /// <summary>Gives a browser context the sign-in of this person.</summary>
    public static Task SignInAsync(this IBrowserContext context, TestUser user) => context.AddCookiesAsync(user.BrowserCookies);

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Hidden();
}
