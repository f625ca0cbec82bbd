using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Library;

public sealed class MediaEndpointsTests : IAsyncLifetime
{
    private readonly TestApp _app = TestApp.Start();
    private TestUser _anna = default!;
    private TestUser _ben = default!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (_anna, _ben) = (await _app.CreateUserAsync("anna"), await _app.CreateUserAsync("ben"));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData("mp3", "audio/mpeg", "Prelude.mp3")]
    [InlineData("m4a", "audio/mp4", "Prelude.m4a")]
    [InlineData("opus", "audio/ogg", "Prelude.opus")]
    [InlineData("flac", "audio/flac", "Prelude.flac")]
    [InlineData("wav", "audio/wav", "Prelude.wav")]
    [InlineData("source", "application/octet-stream", "Prelude.ogg")]
    public async Task Download_IsWhole_UnderItsName_AndInert(string format, string type, string name)
    {
        var file = await _app.AddFileAsync(_anna, "Prelude.ogg", formats: [.. Preset.All]);

        var answer = await GetAsync(_anna, $"files/{file.Id}/{format}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(LibrarySamples.Bytes, await answer.Content.ReadAsByteArrayAsync(Stop));
        Assert.Equal(type, answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(("attachment", name), (answer.Content.Headers.ContentDisposition!.DispositionType, answer.Content.Headers.ContentDisposition.FileNameStar));
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("no-store, private", Header(answer, "Cache-Control"));
        Assert.Equal("same-origin", Header(answer, "Cross-Origin-Resource-Policy"));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'; sandbox", Header(answer, "Content-Security-Policy"));
        Assert.Equal("bytes", Header(answer, "Accept-Ranges"));
    }

    [Fact]
    public async Task Play_IsNotADownload_AndTheSourceIsNeverPlayed()
    {
        var file = await _app.AddFileAsync(_anna, "Prelude.ogg");

        Assert.Null((await GetAsync(_anna, $"files/{file.Id}/mp3/play")).Content.Headers.ContentDisposition);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(_anna, $"files/{file.Id}/source/play")).StatusCode);
    }

    [Theory]
    [InlineData("a\r\nSet-Cookie: stolen=1.wav", "aSet-Cookie_ stolen=1.mp3")]
    [InlineData("<img src=x onerror=alert(1)>.wav", "_img src=x onerror=alert(1)_.mp3")]
    [InlineData("\"; filename=evil.exe; x=\".wav", "_; filename=evil.exe; x=_.mp3")]
    [InlineData("gpj\u202E.wav", "gpj.mp3")]
    [InlineData("前奏曲.wav", "前奏曲.mp3")]
    public async Task Download_OfAHostileName_IsHarmless(string name, string expected)
    {
        var file = await _app.AddFileAsync(_anna, name);

        var answer = await GetAsync(_anna, $"files/{file.Id}/mp3");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(expected, answer.Content.Headers.ContentDisposition!.FileNameStar);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData("bytes=0-0", 206, 0, 1)]
    [InlineData("bytes=100-299", 206, 100, 200)]
    [InlineData("bytes=990-", 206, 990, 10)]
    [InlineData("bytes=-5", 206, 995, 5)]
    [InlineData("bytes=900-99999", 206, 900, 100)]
    [InlineData("bytes=1000-", 416, 0, 0)]
    [InlineData("bytes=9999999999-", 416, 0, 0)]
    [InlineData("bytes=0-0,5-9", 200, 0, 1000)]
    public async Task Range_GetsThatPart(string range, int status, int from, int length)
    {
        var file = await _app.AddFileAsync(_anna, "song.wav");

        var answer = await GetAsync(_anna, $"files/{file.Id}/mp3/play", range);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(LibrarySamples.Bytes[from..(from + length)], await answer.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task AThousandRanges_GetNoMoreThanTheFile()
    {
        var file = await _app.AddFileAsync(_anna, "song.wav");

        var answer = await GetAsync(_anna, $"files/{file.Id}/mp3", "bytes=" + string.Join(',', Enumerable.Repeat("0-0", 1000)));

        Assert.True((await answer.Content.ReadAsByteArrayAsync(Stop)).Length <= LibrarySamples.Bytes.Length);
    }

    [Fact]
    public async Task AnythingNotMine_LooksLikeNothing()
    {
        var hers = await _app.AddFileAsync(_anna, "hers.wav");
        var his = await _app.AddFileAsync(_ben, "his.wav");
        string[] ids =
        [
            hers.Id.ToString(), Guid.Empty.ToString(), Guid.NewGuid().ToString(), "-1", "9223372036854775808", "1%20OR%201=1", "[]", "%2e%2e%2f", "%00", "..%5c",
            "%252e%252e%252f",
        ];

        foreach (var id in ids)
        {
            foreach (var route in new[] { "", "/source", "/mp3", "/mp3/play", "/flac", "/exe", "/..%2f..%2fapp.db" })
            {
                var answer = await GetAsync(_ben, $"files/{id}{route}");
                Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{id}{route} is {answer.StatusCode}");
                Assert.DoesNotContain("hers.wav", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
            }
        }
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(_ben, $"files/{his.Id}/mp3")).StatusCode);
    }

    [Fact]
    public async Task SignedOut_IsSentToTheSignIn()
    {
        var file = await _app.AddFileAsync(_anna, "hers.wav");
        var (client, _) = _app.CreateBrowserlessClient();

        foreach (var route in new[] { "", "/source", "/mp3", "/mp3/play" })
        {
            var answer = await client.GetAsync(new Uri($"files/{file.Id}{route}", UriKind.Relative), Stop);
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
            Assert.Equal("/account/login", answer.Headers.Location!.AbsolutePath);
        }
    }

    [Fact]
    public async Task BytesThatAreGone_AreNotFound()
    {
        var file = await _app.AddFileAsync(_anna, "song.wav");
        await _app.Get<BlazorTranscode.Storage.IMediaStore>().DeleteAsync(file.StorageKey, Stop);

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(_anna, $"files/{file.Id}/source")).StatusCode);
    }

    private static string Header(HttpResponseMessage answer, string name) => string.Join(", ", answer.Headers.GetValues(name));

    private static Task<HttpResponseMessage> GetAsync(TestUser user, string address, string? range = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (range is not null)
            request.Headers.TryAddWithoutValidation("Range", range);
        return user.Client.SendAsync(request, Stop);
    }
}
