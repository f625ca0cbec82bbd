using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BlazorTranscode.Accounts;

internal static class LocalUrl
{
    /// <summary>
    /// The address if it stays within this app, else the other one: a link to our sign-in must not lead people elsewhere. What is not ASCII is
    /// escaped, because a header cannot hold it.
    /// </summary>
    public static string Or(string? url, string otherwise) =>
        url is ['/', ..] && RedirectHttpResult.IsLocalUrl(url) ? Escape(url) : otherwise;

    private static string Escape(string url)
    {
        var escaped = new StringBuilder(url.Length);
        foreach (var letter in url.EnumerateRunes())
            escaped.Append(letter is { IsAscii: true, Value: > ' ' } ? letter.ToString() : Uri.EscapeDataString(letter.ToString()));
        return escaped.ToString();
    }
}
