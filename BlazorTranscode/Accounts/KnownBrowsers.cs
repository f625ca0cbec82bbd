using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Accounts;

/// <summary>
/// Remembers in a browser which accounts it has signed in to, so that its tries are counted apart from those of strangers. The cookie
/// opens nothing; it holds user ids, each with a random id of the browser for this account, and is protected.
/// </summary>
internal sealed class KnownBrowsers(IDataProtectionProvider protection, IOptions<AccountsOptions> accounts)
{
    private const int MostAccounts = 8;

    // The longest that browsers keep a cookie.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(400);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("bt-known").ToTimeLimitedDataProtector();

    private string CookieName => accounts.Value.IsHttps ? "__Host-bt-known" : "bt-known";

    /// <summary>The id of this browser for this account, or null if it never signed in to it.</summary>
    public string? Find(HttpContext context, string userId) => Read(context).FirstOrDefault(known => known.UserId == userId).BrowserId;

    /// <summary>Notes that this browser has signed in to this account.</summary>
    public void Remember(HttpContext context, string userId)
    {
        var all = Read(context);
        var browserId = all.FirstOrDefault(known => known.UserId == userId).BrowserId ?? Guid.NewGuid().ToString("N");
        var text = string.Join(';', all.Where(known => known.UserId != userId).Prepend((userId, browserId)).Take(MostAccounts).Select(known => $"{known.Item1} {known.Item2}"));
        context.Response.Cookies.Append(CookieName, _protector.Protect(text, Kept), new()
        {
            HttpOnly = true, IsEssential = true, MaxAge = Kept, Path = "/", SameSite = SameSiteMode.Lax,
            Secure = accounts.Value.IsHttps || context.Request.IsHttps,
        });
    }

    private List<(string UserId, string BrowserId)> Read(HttpContext context)
    {
        if (context.Request.Cookies[CookieName] is not { Length: > 0 } cookie)
            return [];
        try
        {
            return [.. _protector.Unprotect(cookie).Split(';').Select(known => known.Split(' ')).Where(known => known.Length == 2).Select(known => (known[0], known[1]))];
        }
        catch (CryptographicException)
        {
            return []; // made up, too old, or of another installation
        }
    }
}
