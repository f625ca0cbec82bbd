using System.Net;
using System.Net.Http.Headers;
using System.Text;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>Speaks tus to the app as one person, one request at a time, with every header open to be spoiled.</summary>
internal sealed class TusClient(TestUser user)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Announces a file; the address is relative to the app.</summary>
    public async Task<string> CreateAsync(long length, string name = "song.mp3", string presets = "mp3,flac")
    {
        using var answer = await PostAsync(length, Metadata(name, presets));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return answer.Headers.Location!.ToString();
    }

    public Task<HttpResponseMessage> PostAsync(long length, string metadata, Action<HttpRequestMessage>? spoil = null) =>
        SendAsync(HttpMethod.Post, "/uploads/", request =>
        {
            request.Headers.Add("Upload-Length", $"{length}");
            request.Headers.Add("Upload-Metadata", metadata);
            spoil?.Invoke(request);
        });

    public Task<HttpResponseMessage> PatchAsync(string url, long offset, byte[] bytes, Action<HttpRequestMessage>? spoil = null) =>
        PatchAsync(url, offset, new ByteArrayContent(bytes), spoil);

    public Task<HttpResponseMessage> PatchAsync(string url, long offset, HttpContent content, Action<HttpRequestMessage>? spoil = null) =>
        SendAsync(HttpMethod.Patch, url, request =>
        {
            content.Headers.ContentType = new("application/offset+octet-stream");
            request.Content = content;
            request.Headers.Add("Upload-Offset", $"{offset}");
            spoil?.Invoke(request);
        });

    public Task<HttpResponseMessage> DeleteAsync(string url) => SendAsync(HttpMethod.Delete, url);

    public Task<HttpResponseMessage> HeadAsync(string url) => SendAsync(HttpMethod.Head, url);

    public async Task<long> OffsetAsync(string url)
    {
        using var answer = await HeadAsync(url);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Offset(answer);
    }

    /// <summary>Sends a whole file and returns its id.</summary>
    public async Task<Guid> UploadAsync(byte[] bytes, string name = "song.mp3", string presets = "mp3,flac")
    {
        var url = await CreateAsync(bytes.Length, name, presets);
        using var answer = await PatchAsync(url, 0, bytes);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return IdOf(url);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string url, Action<HttpRequestMessage>? prepare = null)
    {
        using var request = new HttpRequestMessage(method, url);
        request.Headers.Add("Tus-Resumable", "1.0.0");
        request.Headers.Add("Origin", user.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        prepare?.Invoke(request);
        return await user.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
    }

    public static long Offset(HttpResponseMessage answer) => long.Parse(Assert.Single(answer.Headers.GetValues("Upload-Offset")));

    public static Guid IdOf(string url) => Guid.Parse(url.Split('/')[^1]);

    public static string Metadata(string name, string presets = "mp3") => $"filename {Base64(name)},presets {Base64(presets)}";

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}

internal static class Refusals
{
    /// <summary>A refusal has the status, and one sentence of plain text for the person.</summary>
    public static async Task AssertRefusedAsync(this Task<HttpResponseMessage> request, HttpStatusCode status, string? sentence = null)
    {
        using var answer = await request;
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode}, not {(int)status}: {text}");
        Assert.Equal(MediaTypeHeaderValue.Parse("text/plain; charset=utf-8"), answer.Content.Headers.ContentType);
        Assert.EndsWith(".", text, StringComparison.Ordinal);
        if (sentence is not null)
            Assert.Equal(sentence, text);
    }
}
