using Microsoft.AspNetCore.Http.HttpResults;

namespace BlazorTranscode.Accounts;

internal static class LocalUrl
{
    /// <summary>The address if it stays within this app, else the other one: a link to our sign-in must not lead people elsewhere.</summary>
    public static string Or(string? url, string otherwise) =>
        url is ['/', ..] && RedirectHttpResult.IsLocalUrl(url) ? url : otherwise;
}
