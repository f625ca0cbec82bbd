using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>
/// With an https <c>PublicOrigin</c> no page works under another address: its cookies are <c>Secure</c>, and antiforgery refuses to make them
/// on plain http. So a page is answered with a sentence there. It is no redirect, because a proxy that keeps the host to itself would make a
/// circle of it.
/// </summary>
internal sealed class WrongAddress(RequestDelegate next, IOptions<HostingOptions> options)
{
    public Task InvokeAsync(HttpContext context) =>
        options.Value.IsHttps && IsForPeople(context.Request) && (!context.Request.IsHttps || HasLostItsHost(context.Request))
            ? AnswerAsync(context, options.Value)
            : next(context);

    /// <summary>Says where the app is, to a person as well as to who sets up a proxy.</summary>
    public static Task AnswerAsync(HttpContext context, HostingOptions options)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsync(string.IsNullOrEmpty(options.PublicOrigin)
            ? "This app does not answer to that host name. Set PublicOrigin to the address that people type, such as https://audio.example.org; AllowedHosts adds more names.\n"
            : $"This app is at {options.PublicOrigin}. If you came from there, the proxy in front of it does not pass the host name on: "
              + "nginx needs \"proxy_set_header Host $http_host;\". AllowedHosts adds more names that the app answers to.\n",
            context.RequestAborted);
    }

    // What programs ask for (the webhook, the health endpoints) may come by any address of the machine.
    private static bool IsForPeople(HttpRequest request) =>
        !Health.IsHealth(request)
        && (ErrorAnswers.WantsPage(request) || request.Path.StartsWithSegments("/account", StringComparison.OrdinalIgnoreCase));

    /// <summary>A proxy has told the scheme and not the host, which nginx then replaces with the address that it asks.</summary>
    private static bool HasLostItsHost(HttpRequest request) =>
        request.Headers.ContainsKey(ForwardedHeadersDefaults.XOriginalProtoHeaderName)
        && (request.Host.Host == "localhost" || (IPAddress.TryParse(request.Host.Host, out var ip) && IPAddress.IsLoopback(ip)));
}
