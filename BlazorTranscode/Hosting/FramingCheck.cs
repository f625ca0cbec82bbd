namespace BlazorTranscode.Hosting;

/// <summary>
/// Refuses a request that states its length twice, once by <c>Content-Length</c> and once by chunks: a proxy that believes the other one
/// sees another request than we do (RFC 9112, 6.3). Kestrel believes the chunks and keeps the length under another name.
/// </summary>
internal sealed class FramingCheck(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.TransferEncoding.Count == 0 || !headers.ContainsKey("X-Content-Length"))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.Headers.Connection = "close";
        return Task.CompletedTask;
    }
}
