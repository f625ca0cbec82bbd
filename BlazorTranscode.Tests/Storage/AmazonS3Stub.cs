using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace BlazorTranscode.Tests.Storage;

/// <summary>
/// Answers S3 requests by the rules that Amazon documents and no other S3 here applies: the checksums of parts and of the completion are held
/// against what the upload was created with. It checks no signatures. Uploads are in <c>AmazonS3Stub.Multipart.cs</c>.
/// </summary>
internal sealed partial class AmazonS3Stub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Stored> _objects = new();

    private AmazonS3Stub(WebApplication app) => _app = app;

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>The whole objects by their key, without those of the self-test.</summary>
    public Dictionary<string, byte[]> Objects => _objects.Where(o => !o.Key.StartsWith('.')).ToDictionary(o => o.Key, o => o.Value.Bytes);

    /// <summary>Every request as method, key and query, in the order in which they came.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>What was refused, as the code of the answer and the request.</summary>
    public ConcurrentQueue<string> Refusals { get; } = new();

    public static async Task<AmazonS3Stub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null).UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new AmazonS3Stub(app);
        app.Run(stub.AnswerAsync);
        await app.StartAsync();
        return stub;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        // /bucket/key
        var key = string.Join('/', request.Path.Value!.Split('/')[2..]);
        Requests.Enqueue($"{request.Method} {key}{request.QueryString}");
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, context.RequestAborted);
            await (Is("uploads") || Is("uploadId") ? AnswerUploadAsync(context, key, body.ToArray()) : AnswerObjectAsync(context, key, body.ToArray()));
        }
        catch (Refusal refusal)
        {
            Refusals.Enqueue($"{refusal.Code} {request.Method} {key}{request.QueryString}: {refusal.Message}");
            context.Response.StatusCode = refusal.Status;
            await WriteAsync(context, new XElement("Error", new XElement("Code", refusal.Code), new XElement("Message", refusal.Message)));
        }

        bool Is(string name) => request.Query.ContainsKey(name);
    }

    private async Task AnswerObjectAsync(HttpContext context, string key, byte[] body)
    {
        switch (context.Request.Method)
        {
            case "PUT":
                CheckBody(context.Request, body);
                context.Response.Headers.ETag = (_objects[key] = new(body)).Tag;
                break;
            case "DELETE":
                _objects.TryRemove(key, out _);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            case "GET" when key.Length == 0:
                var prefix = context.Request.Query["prefix"].ToString();
                await WriteAsync(context, new XElement("ListBucketResult", new XElement("IsTruncated", false), _objects
                    .Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(o => new XElement("Contents", new XElement("Key", o.Key), new XElement("Size", o.Value.Bytes.Length), Moment("LastModified")))));
                break;
            case "HEAD" when key.Length == 0:
                break;
            default:
                await GetAsync(context, _objects.GetValueOrDefault(key) ?? throw new Refusal(404, "NoSuchKey", "The specified key does not exist."));
                break;
        }
    }

    private static async Task GetAsync(HttpContext context, Stored stored)
    {
        var (request, response) = (context.Request, context.Response);
        if (request.Headers.IfMatch is { Count: > 0 } tag && tag != stored.Tag)
            throw new Refusal(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.");
        var (from, to) = (0, stored.Bytes.Length - 1);
        if (request.GetTypedHeaders().Range?.Ranges.Single() is { } range)
        {
            (from, to) = ((int)range.From!.Value, (int)Math.Min(range.To ?? to, to));
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = new ContentRangeHeaderValue(from, to, stored.Bytes.Length).ToString();
        }

        response.Headers.ETag = stored.Tag;
        response.Headers.LastModified = DateTimeOffset.UtcNow.ToString("R");
        response.ContentType = request.Query["response-content-type"].FirstOrDefault() ?? "application/octet-stream";
        response.Headers.ContentDisposition = request.Query["response-content-disposition"].FirstOrDefault() ?? "";
        response.ContentLength = to - from + 1;
        if (HttpMethods.IsGet(request.Method))
            await response.Body.WriteAsync(stored.Bytes.AsMemory(from, to - from + 1), context.RequestAborted);
    }

    /// <summary>The bytes must come as they are, with the digest that the request names.</summary>
    private static void CheckBody(HttpRequest request, byte[] body)
    {
        if (request.Headers.ContentEncoding.ToString().Contains("aws-chunked", StringComparison.Ordinal) || request.Headers.ContainsKey("x-amz-trailer"))
            throw new Refusal(501, "NotImplemented", "The test wants bodies as they are, without chunks and trailers.");
        if (request.Headers.ContentMD5.ToString() is not { Length: > 0 } digest)
            throw new Refusal(400, "InvalidRequest", "The test wants a Content-MD5 with all bytes.");
        if (digest != Convert.ToBase64String(Digest(body)))
            throw new Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
    }

#pragma warning disable CA5351 // S3's protocol wants it.
    private static byte[] Digest(byte[] bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351

    private static XElement Moment(string name) => new(name, DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    private static Task WriteAsync(HttpContext context, XElement answer)
    {
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync(answer.ToString(), context.RequestAborted);
    }

    private sealed record Stored(byte[] Bytes)
    {
        public string Tag { get; } = $"\"{Convert.ToHexStringLower(Digest(Bytes))}\"";
    }

    private sealed class Refusal(int status, string code, string message) : Exception(message)
    {
        public int Status => status;

        public string Code => code;
    }
}
