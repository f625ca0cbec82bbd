using System.Net;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Storage;

/// <summary>When the store is looked at, and what is known of it in between.</summary>
public sealed class StorageWatchTests(Swift swift) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly LogCollector _log = new();
    private StorageHealth _health = null!;
    private FaultyS3 _s3 = null!;
    private S3MediaStore _store = null!;
    private StorageWatch _watch = null!;
    private int _requests;
    private volatile bool _isAway;
    private volatile bool _isSilent;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _health = new(new LoggerFactory([_log]).CreateLogger<StorageHealth>());
        _s3 = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        _s3.Fault = FaultAsync;
        _store = S3MediaStoreTests.Open(_s3.Bucket, _time);
        _watch = new(_store, _health, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.StopAsync(Stop);
        _watch.Dispose();
        _store.Dispose();
        await _s3.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task Start_WithAStoreThatIsAway_Succeeds_AndSaysSoOnce()
    {
        _isAway = true;
        await _watch.StartAsync(Stop);

        await Eventually.TrueAsync(() => !_health.IsAvailable);
        Assert.Equal(StorageHealth.Away, _health.PublicProblem);
        Assert.Contains("SlowDown", _health.Problem, StringComparison.Ordinal);
        await SeenAgainAsync(StorageWatch.LeastPause);
        Assert.Single(_log.Lines);

        _isAway = false;
        await AdvanceUntilAsync(() => _health.IsAvailable, StorageWatch.LeastPause);
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public async Task Healthy_IsLookedAtLightly_EachMinute_AndAtOnceWhenSomebodyDoubts()
    {
        await _watch.StartAsync(Stop);
        await Eventually.TrueAsync(() => _health.WasSeen);
        Assert.True(_health.IsAvailable);
        var thorough = _requests;
        Assert.True(thorough > 10, $"Only {thorough} requests.");

        await SeenAgainAsync(StorageWatch.Interval);
        Assert.InRange(_requests - thorough, 1, 2);

        _isAway = true;
        _health.Report(new StorageUnavailableException("As the test says."));
        await AdvanceUntilAsync(() => !_health.IsAvailable, StorageWatch.LeastPause);
    }

    [Fact]
    public async Task Store_ThatNeverAnswers_CountsAsAway()
    {
        _isSilent = true;
        await _watch.StartAsync(Stop);
        await Eventually.TrueAsync(() => _requests > 0);
        Assert.False(_health.WasSeen);

        await AdvanceUntilAsync(() => !_health.IsAvailable, StorageWatch.LongestLook);

        Assert.Contains("did not answer within 30 s", _health.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocalFolder_ThatIsMissingOrCannotBeWritten_IsAProblem_WithoutItsPathForAnybody()
    {
        using var folder = new TempFolder();
        var store = LocalMediaStoreTests.Open(folder.Path);
        using var watch = new StorageWatch(store, _health, _time);
        await watch.StartAsync(Stop);
        Assert.True(_health is { WasSeen: true, IsAvailable: true });
        Assert.Empty(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));

        Directory.Move(folder.File("media/objects"), folder.File("elsewhere"));
        _health.Doubt();
        await AdvanceUntilAsync(() => !_health.IsAvailable, StorageWatch.LeastPause);
        Assert.Contains(folder.Path, _health.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Path, _health.PublicProblem, StringComparison.Ordinal);

        Directory.Move(folder.File("elsewhere"), folder.File("media/objects"));
        await AdvanceUntilAsync(() => _health.IsAvailable, StorageWatch.LeastPause);
        await watch.StopAsync(Stop);
    }

    [Fact]
    public void Report_OfAnotherFault_IsWrittenDown()
    {
        _health.Report(new IOException("The disk coughs."));
        Assert.Contains("The disk coughs.", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
    }

    private async Task<bool> FaultAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        if (_isSilent)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        }

        return _isAway && await FaultyS3.AnswerAsync(context, HttpStatusCode.ServiceUnavailable, "SlowDown");
    }

    private async Task SeenAgainAsync(TimeSpan step)
    {
        var before = _requests;
        await AdvanceUntilAsync(() => _requests > before, step);
    }

    /// <summary>
    /// Time may have to pass more than once: what waits for it may not have begun to wait. It stands still during a look that a store is busy
    /// answering, because the look would be given up.
    /// </summary>
    private Task AdvanceUntilAsync(Func<bool> condition, TimeSpan step) => Eventually.TrueAsync(() =>
    {
        if (condition())
            return Task.FromResult(true);
        if (_isSilent || !_watch.IsLooking)
            _time.Advance(step);
        return Task.FromResult(false);
    });
}
