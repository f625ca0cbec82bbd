using System.Net;
using BlazorTranscode.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BlazorTranscode.Tests.Storage;

/// <summary>Stands between the store and a real S3 and does to a request what a test asks for; everything else passes through unchanged.</summary>
internal sealed class FaultyS3 : IAsyncDisposable
{
    private static readonly HashSet<string> NotCopied = new(["Host", "Transfer-Encoding", "Connection"], StringComparer.OrdinalIgnoreCase);

    private readonly WebApplication _app;
    private readonly HttpClient _real = new();

    private FaultyS3(WebApplication app) => _app = app;

    /// <summary>Called with each request. True means that it has been dealt with; false lets it pass.</summary>
    public Func<HttpContext, Task<bool>> Fault { get; set; } = _ => Task.FromResult(false);

    /// <summary>How many bytes of the next answer to a GET get through before the connection is cut; null for all.</summary>
    public int? CutAnswerAfter { get; set; }

    /// <summary>Settings of the same bucket that lead through here.</summary>
    public required S3Options Bucket { get; init; }

    public static async Task<FaultyS3> StartAsync(S3Options real)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null).UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        FaultyS3? self = null;
        app.Run(context => self!.PassAsync(context, new Uri(real.ServiceUrl)));
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return self = new(app)
        {
            Bucket = new() { Bucket = real.Bucket, ServiceUrl = address, ForcePathStyle = true, AccessKey = real.AccessKey, SecretKey = real.SecretKey },
        };
    }

    public static async Task<bool> AnswerAsync(HttpContext context, HttpStatusCode status, string code)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>As the test asked.</Message></Error>");
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _real.Dispose();
    }

    private async Task PassAsync(HttpContext context, Uri real)
    {
        if (await Fault(context))
            return;
        using var request = new HttpRequestMessage(new(context.Request.Method), new Uri(real, context.Request.Path + context.Request.QueryString));
        request.Headers.Host = context.Request.Host.Value;
        request.Content = context.Request.Method is "PUT" or "POST" ? new StreamContent(context.Request.Body) : null;
        foreach (var (name, values) in context.Request.Headers.Where(h => !NotCopied.Contains(h.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        using var answer = await _real.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(h => !NotCopied.Contains(h.Key)))
            context.Response.Headers[name] = values.ToArray();
        if (CutAnswerAfter is { } cut && context.Request.Method is "GET")
        {
            CutAnswerAfter = null;
            var bytes = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
            await context.Response.Body.WriteAsync(bytes.AsMemory(0, cut), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
            return;
        }

        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
