using System.Security.Cryptography;
using System.Text;
using BlazorTranscode.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>
/// Tells browsers what a page of ours may load and do. An endpoint that sets one of these headers itself keeps its own, except that a page
/// always gets the policy of pages.
/// </summary>
internal sealed class SecurityHeaders(RequestDelegate next, IOptions<HostingOptions> options, EndpointDataSource endpoints, IMediaStore store)
{
    // The endpoints are complete when the first request comes.
    private readonly Lazy<string> _policy = new(() => Policy(options.Value.IsHttps, endpoints, store.Origin));

    public Task InvokeAsync(HttpContext context)
    {
        // At the last moment, because the exception handler clears what was set before.
        context.Response.OnStarting(() =>
        {
            Set(context.Response);
            return Task.CompletedTask;
        });
        return next(context);
    }

    private void Set(HttpResponse response)
    {
        var headers = response.Headers;
        if (response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true)
        {
            // Blazor has written a policy of its own about frames; ours says the same and more.
            headers.ContentSecurityPolicy = _policy.Value;
            headers.CacheControl = "no-store";
        }
        headers.TryAdd("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox");
        headers.TryAdd("X-Content-Type-Options", "nosniff");
        // Not no-referrer: by the Fetch standard that makes the Origin of our own forms "null".
        headers.TryAdd("Referrer-Policy", "same-origin");
        headers.TryAdd("Cross-Origin-Opener-Policy", "same-origin");
        headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
        headers.TryAdd("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
        if (options.Value.IsHttps)
            headers.TryAdd("Strict-Transport-Security", options.Value.HstsIncludeSubDomains ? "max-age=31536000; includeSubDomains" : "max-age=31536000");
    }

    /// <summary>Styles may be inline because MudBlazor sets them; the only inline script is Blazor's import map, named by its hash.</summary>
    private static string Policy(bool https, EndpointDataSource endpoints, string? mediaOrigin) =>
        $"default-src 'none'; base-uri 'self'; script-src 'self'{ImportMapHash(endpoints)}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + $"font-src 'self'; connect-src 'self'; media-src 'self' {mediaOrigin}; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
        + (https ? "; upgrade-insecure-requests" : "");

    private static string ImportMapHash(EndpointDataSource endpoints)
    {
        var map = endpoints.Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<ImportMapDefinition>()).FirstOrDefault(map => map is not null);
        return map is null ? "" : $" 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(map.ToString())))}'";
    }
}
