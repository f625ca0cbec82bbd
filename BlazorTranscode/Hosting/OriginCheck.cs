using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>
/// Refuses circuits that a page of somebody else opens with our visitor's cookie: CORS does not cover WebSockets, and the framework
/// accepts any <c>Origin</c>.
/// </summary>
internal sealed class OriginCheck(RequestDelegate next, IOptions<HostingOptions> options)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase) || IsOwn(context))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private bool IsOwn(HttpContext context)
    {
        var request = context.Request;
        var origin = request.Headers.Origin.ToString();
        // Browsers leave it out of a plain read from the same origin, and there only.
        if (origin.Length == 0)
            return HttpMethods.IsGet(request.Method) && !IsWebSocket(request);
        return string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            || string.Equals(origin, options.Value.PublicOrigin, StringComparison.OrdinalIgnoreCase);
    }

    // By HTTP/1.1; HTTP/2 opens one by CONNECT. "Connection: upgrade" alone is what a usual nginx puts on every request.
    private static bool IsWebSocket(HttpRequest request) => request.Headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase);
}
