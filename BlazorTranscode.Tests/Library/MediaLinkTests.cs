using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;

namespace BlazorTranscode.Tests.Library;

/// <summary>Where the store has an address of its own, the app asks it for the bytes and then only says where they are.</summary>
public sealed class MediaLinkTests(Swift swift) : IAsyncLifetime
{
    private FaultyS3 _s3 = null!;
    private TestApp _app = null!;
    private TestUser _anna = null!;
    private AudioFile _file = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _s3 = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        _app = TestApp.Start(Swift.SettingsFor(_s3.Bucket));
        _anna = await _app.CreateUserAsync("anna");
        _file = await _app.AddFileAsync(_anna, "Prelude.ogg", formats: [Preset.Mp3]);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _s3.DisposeAsync();
    }

    [Theory]
    [InlineData("mp3", "attachment", "audio/mpeg", "Prelude.mp3")]
    [InlineData("mp3/play", "inline", "audio/mpeg", "Prelude.mp3")]
    [InlineData("source", "attachment", "application/octet-stream", "Prelude.ogg")]
    public async Task Media_IsRedirectedToAFreshLinkThatLivesForHours_ForItsOwnerOnly(string route, string disposition, string type, string name)
    {
        using var answer = await GetAsync(_anna, route);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal("no-store, private", string.Join(", ", answer.Headers.GetValues("Cache-Control")));
        var link = answer.Headers.Location!;
        var asked = System.Web.HttpUtility.ParseQueryString(link.Query);
        Assert.Equal(new Uri(_s3.Bucket.ServiceUrl).Authority, link.Authority);
        Assert.Equal(type, asked["response-content-type"]);
        Assert.StartsWith(disposition, asked["response-content-disposition"], StringComparison.Ordinal);
        Assert.Contains(name, asked["response-content-disposition"], StringComparison.Ordinal);
        Assert.InRange(int.Parse(asked["X-Amz-Expires"]!), 5 * 3600, 7 * 24 * 3600);
        using var hers = await GetAsync(await _app.CreateUserAsync("ben"), route);
        Assert.Equal(HttpStatusCode.NotFound, hers.StatusCode);
    }

    [Theory]
    [InlineData("mp3")]
    [InlineData("mp3/play")]
    [InlineData("source")]
    public async Task Media_WhileTheStoreIsAway_IsAPageOfOurs_AndTheStoreIsDoubted(string route)
    {
        await Eventually.TrueAsync(() => _app.Get<StorageHealth>().WasSeen);
        _s3.Fault = context => FaultyS3.AnswerAsync(context, HttpStatusCode.ServiceUnavailable, "SlowDown");

        using var answer = await GetAsync(_anna, route);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(StorageHealth.Away, await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => !_app.Get<StorageHealth>().IsAvailable);
    }

    [Theory]
    [InlineData("text/html", "text/html")]
    [InlineData("*/*", "text/plain")]
    public async Task Media_ThatIsGoneOrEmpty_IsNotFound_InWords(string accept, string type)
    {
        using var client = Swift.Client(_s3.Bucket);
        var renditions = (await client.ListObjectsV2Async(new() { BucketName = _s3.Bucket.Bucket, Prefix = "renditions/" }, Stop)).S3Objects;
        await client.PutObjectAsync(new() { BucketName = _s3.Bucket.Bucket, Key = Assert.Single(renditions).Key, ContentBody = "", UseChunkEncoding = false }, Stop);
        await client.DeleteObjectAsync(_s3.Bucket.Bucket, _file.StorageKey, Stop);

        foreach (var route in new[] { "mp3", "mp3/play", "source" })
        {
            using var answer = await GetAsync(_anna, route, accept);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
            Assert.Contains("The storage no longer has this", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }
    }

    private async Task<HttpResponseMessage> GetAsync(TestUser user, string route, string accept = "text/html")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"files/{_file.Id}/{route}");
        request.Headers.Accept.ParseAdd(accept);
        return await user.Client.SendAsync(request, Stop);
    }
}
