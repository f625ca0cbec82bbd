using BlazorTranscode.Components;
using BlazorTranscode.Data;

namespace BlazorTranscode.Hosting;

/// <summary>
/// Circuits are for people who are signed in, and each has so many. A circuit holds memory for as long as its page is open, so a stranger
/// gets none; pages for strangers do without.
/// </summary>
internal sealed class CircuitDoor(RequestDelegate next, OpenCircuits open)
{
    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path;
        if (!path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase, out var rest))
            return next(context);
        if (context.User.UserId is not { } userId)
            return Refuse(context, StatusCodes.Status401Unauthorized, "Sign in first.\n");
        if (rest.HasValue && rest != "/")
            // By a negotiation every connection begins. The other addresses are of circuits that are there.
            return rest.StartsWithSegments("/negotiate", StringComparison.OrdinalIgnoreCase) && open.IsFull(userId) ? RefuseMore(context) : next(context);
        return HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsConnect(context.Request.Method) ? ConnectAsync(context, userId) : next(context);
    }

    private async Task ConnectAsync(HttpContext context, string userId)
    {
        using var connection = open.TryConnect(userId);
        if (connection is null)
            await RefuseMore(context);
        else
            await next(context);
    }

    private static Task RefuseMore(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "10";
        return Refuse(context, StatusCodes.Status429TooManyRequests, "Too many pages are open. Close some of them.\n");
    }

    private static Task Refuse(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(sentence, context.RequestAborted);
    }
}
