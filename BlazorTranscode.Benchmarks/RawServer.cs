using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BlazorTranscode.Benchmarks;

/// <summary>What a POST costs at the least: Kestrel reads the body and says ok.</summary>
internal static class RawServer
{
    public static async Task RunAsync(string address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add(address);
        app.MapPost("/webhooks/sns", async (HttpContext context) =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.ContentLength = 3;
            await context.Response.WriteAsync("ok\n", context.RequestAborted);
        });
        await app.RunAsync();
    }
}
