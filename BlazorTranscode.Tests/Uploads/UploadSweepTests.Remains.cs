using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Uploads;

/// <content>What is left of uploads and attempts that are over.</content>
public sealed partial class UploadSweepTests
{
    [Fact]
    public async Task Sweep_OfAnExpiredUpload_WithAStoreThatIsAway_RemembersItsBytes()
    {
        var url = await _tus.CreateAsync(100);
        await AgeAsync(TusClient.IdOf(url), DateTimeOffset.UtcNow.AddMinutes(-1));
        _link.Before = method => method == nameof(IMediaStore.AbortAsync) ? throw new StorageUnavailableException("Away.") : Task.CompletedTask;

        await SweepAsync();

        await using var db = await _app.OpenDatabaseAsync();
        var row = await db.PendingDeletions.AsNoTracking().SingleAsync(Stop);
        Assert.Equal((DeletionReason.UploadAbandoned, _user.Id), (row.Reason, row.OwnerId));
        Assert.Single(_app.Parts());
        _link.Before = null;
        await SweepAsync();
        Assert.Empty(_app.Parts());
        Assert.Empty(await db.PendingDeletions.AsNoTracking().ToListAsync(Stop));
    }

    /// <summary>The store had begun them, and the process died before the handle was kept or the import was done.</summary>
    [Fact]
    public async Task Sweep_OfRemainsWhoseRowIsDoneWithThem_TakesThem()
    {
        var store = _app.Get<IMediaStore>();
        var done = await _tus.UploadAsync(TusClient.Bytes(10));
        var open = TusClient.IdOf(await _tus.CreateAsync(100));
        var job = await JobAsync(done);
        await Eventually.TrueAsync(async () => (await JobRowAsync(job)).State.IsTerminal());
        await store.BeginAsync($"sources/{done:N}", Stop);
        await store.BeginAsync($"renditions/{job:N}/1/audio.mp3", Stop);
        var second = await store.BeginAsync($"sources/{open:N}", Stop);
        var ahead = await store.BeginAsync($"renditions/{job:N}/9/audio.mp3", Stop); // of an attempt that a restored database does not know
        AgeBytes();
        var young = await store.BeginAsync($"renditions/{job:N}/1/audio.wav", Stop);

        await SweepAsync();

        var left = await store.ListUnfinishedAsync(Stop).Select(o => o.Handle).ToListAsync(Stop);
        Assert.Equal(4, left.Count);
        Assert.Superset(new HashSet<string> { second, ahead, young }, left.ToHashSet());
        Assert.Equal(10, (await store.ListAsync(Stop).SingleAsync(Stop)).Length);
    }
}
