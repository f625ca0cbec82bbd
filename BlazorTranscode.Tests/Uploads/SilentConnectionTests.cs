using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>Connections that are open and bring nothing: they hold no upload, and a person has few of them.</summary>
public sealed class SilentConnectionTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly byte[] _content = TusClient.Bytes(3_000_000);
    private readonly List<BrokenContent> _open = [];
    private TestApp _app = default!;
    private TusClient _tus = default!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = UploadTestApp.Start(services: services => services.AddSingleton(new UploadLocks(_time)));
        _tus = new(await _app.CreateUserAsync("anna"));
    }

    public async ValueTask DisposeAsync()
    {
        _open.ForEach(content => content.Cut());
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task After10Seconds_WhoContinuesGetsTheUpload()
    {
        var url = await _tus.CreateAsync(_content.Length);
        await FallSilentAsync(url);
        using (var early = await _tus.PatchAsync(url, await _tus.OffsetAsync(url), _content[^1..]))
        {
            Assert.Equal(HttpStatusCode.Locked, early.StatusCode);
            Assert.InRange(early.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), UploadHold.SilentAfter);
        }

        await Eventually.TrueAsync(async () =>
        {
            _time.Advance(UploadHold.SilentAfter);
            var offset = (int)await _tus.OffsetAsync(url);
            using var rest = await _tus.PatchAsync(url, offset, _content[offset..]);
            // A part of what the silent one had sent may become safe when it leaves.
            Assert.True(rest.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.Conflict or HttpStatusCode.Locked);
            return rest.StatusCode == HttpStatusCode.NoContent;
        });

        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal(_content, await _app.ReadSourceAsync(await db.AudioFiles.SingleAsync(Stop)));
    }

    [Fact]
    public async Task AnotherPerson_EndsNoConnection()
    {
        var url = await _tus.CreateAsync(_content.Length);
        await FallSilentAsync(url);
        var ben = new TusClient(await _app.CreateUserAsync("ben"));
        _time.Advance(UploadHold.SilentAfter);

        await ben.PatchAsync(url, 0, _content).AssertRefusedAsync(HttpStatusCode.NotFound);

        Assert.Null(_app.Get<UploadLocks>().TryTake(TusClient.IdOf(url)));
    }

    [Fact]
    public async Task After30Seconds_TheConnectionEndsByItself_AndWhatCameIsKept()
    {
        var url = await _tus.CreateAsync(_content.Length);
        await FallSilentAsync(url);

        await Eventually.TrueAsync(() =>
        {
            _time.Advance(UploadHold.DeadAfter);
            using var free = _app.Get<UploadLocks>().TryTake(TusClient.IdOf(url));
            return free is not null;
        });

        Assert.InRange(await _tus.OffsetAsync(url), 1_000_000, 2_000_000);
    }

    [Fact]
    public async Task MoreThanFour_AtOnce_WaitForOneToEnd()
    {
        for (var i = 0; i < UploadLocks.MostPerPerson; i++)
            await FallSilentAsync(await _tus.CreateAsync(_content.Length));
        var url = await _tus.CreateAsync(10);

        using (var tooMany = await _tus.PatchAsync(url, 0, TusClient.Bytes(10)))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, tooMany.StatusCode);
            Assert.NotNull(tooMany.Headers.RetryAfter);
        }

        var ben = new TusClient(await _app.CreateUserAsync("ben"));
        await ben.UploadAsync(TusClient.Bytes(10));
        _open[0].Cut();
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await _tus.PatchAsync(url, 0, TusClient.Bytes(10));
            return answer.StatusCode == HttpStatusCode.NoContent;
        });
    }

    /// <summary>Sends two of three megabytes and stays connected.</summary>
    private async Task FallSilentAsync(string url)
    {
        var content = new BrokenContent(_content, 2_000_000);
        _open.Add(content);
        var patch = _tus.PatchAsync(url, 0, content);
        _ = patch.ContinueWith(ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await Eventually.TrueAsync(async () => await _tus.OffsetAsync(url) > 1_000_000);
    }
}
