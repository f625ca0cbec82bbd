using System.Net;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>What an upload is told while the store is away: to come again, in words, and not that the server has failed.</summary>
public sealed class TusStorageTests(Swift swift) : IAsyncLifetime
{
    private const string Sentence = "The storage does not answer at the moment. The upload goes on by itself.";

    private FaultyS3 _s3 = null!;
    private TestApp _app = null!;
    private TusClient _tus = null!;

    public async ValueTask InitializeAsync()
    {
        _s3 = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        _app = UploadTestApp.Start(Swift.SettingsFor(_s3.Bucket));
        _tus = new(await _app.CreateUserAsync("anna"));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _s3.DisposeAsync();
    }

    [Fact]
    public async Task EveryRequest_WhileTheStoreIsAway_IsAskedToComeAgain_AndGoesOnAfterwards()
    {
        await Eventually.TrueAsync(() => _app.Get<StorageHealth>().WasSeen);
        // Less than a part, so that all of it has been read when the store is asked: the connection of a longer one may break before its end.
        var bytes = TusClient.Bytes(2_000_000);
        var url = await _tus.CreateAsync(bytes.Length);
        using (var first = await _tus.PatchAsync(url, 0, bytes[..1000]))
            Assert.Equal(1000, TusClient.Offset(first));
        _s3.Fault = context => FaultyS3.AnswerAsync(context, HttpStatusCode.ServiceUnavailable, "SlowDown");

        // The first one finds out, the others are told at once.
        await AssertAwayAsync(_tus.PatchAsync(url, 1000, bytes[1000..]));
        await Eventually.TrueAsync(() => !_app.Get<StorageHealth>().IsAvailable);
        await AssertAwayAsync(_tus.PatchAsync(url, 1000, bytes[1000..2000]));
        await AssertAwayAsync(_tus.PostAsync(10, TusClient.Metadata("other.mp3")));
        using (var head = await _tus.HeadAsync(url))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, head.StatusCode);

        _s3.Fault = _ => Task.FromResult(false);
        await Eventually.TrueAsync(() => _app.Get<StorageHealth>().IsAvailable);
        Assert.Equal(1000, await _tus.OffsetAsync(url));
        using var rest = await _tus.PatchAsync(url, 1000, bytes[1000..]);
        Assert.Equal(HttpStatusCode.NoContent, rest.StatusCode);
    }

    private static async Task AssertAwayAsync(Task<HttpResponseMessage> request)
    {
        using var answer = await request;
        Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        await Task.FromResult(answer).AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, Sentence);
    }
}
