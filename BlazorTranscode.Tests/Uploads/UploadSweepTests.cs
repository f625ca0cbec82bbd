using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Uploads;

public sealed partial class UploadSweepTests : IAsyncLifetime
{
    private static readonly DateTime LongAgo = DateTime.UtcNow.AddHours(-25);

    private readonly StoreLink _link = new();
    private readonly TestApp _app;
    private TestUser _user = default!;
    private TusClient _tus = default!;

    public UploadSweepTests() => _app = UploadTestApp.Start(services: _link.Install);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _user = await _app.CreateUserAsync("anna");
        _tus = new(_user);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Sweep_ThrowsAwayWhatRestedTooLong_AndNothingElse()
    {
        var old = await _tus.CreateAsync(100);
        var young = await _tus.CreateAsync(100);
        await AgeAsync(TusClient.IdOf(old), DateTimeOffset.UtcNow.AddMinutes(-1));

        await SweepAsync();

        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await _tus.HeadAsync(old)).StatusCode);
        Assert.Equal(0, await _tus.OffsetAsync(young));
        Assert.Single(_app.Parts());
    }

    [Fact]
    public async Task ExpiredUpload_IsGoneAlsoBeforeTheSweep()
    {
        var url = await _tus.CreateAsync(100);
        await AgeAsync(TusClient.IdOf(url), DateTimeOffset.UtcNow.AddMinutes(-1));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await _tus.HeadAsync(url)).StatusCode);
    }

    [Fact]
    public async Task UploadThatMoves_ExpiresLater()
    {
        var url = await _tus.CreateAsync(100);
        await AgeAsync(TusClient.IdOf(url), DateTimeOffset.UtcNow.AddHours(1));
        (await _tus.PatchAsync(url, 0, TusClient.Bytes(10))).Dispose();
        await using var db = await _app.OpenDatabaseAsync();
        Assert.InRange((await db.Uploads.SingleAsync(Stop)).ExpiresAt, DateTimeOffset.UtcNow.AddHours(23), DateTimeOffset.UtcNow.AddHours(25));
    }

    [Fact]
    public async Task Sweep_ForgetsCompletedUploadsAfterADay_ButNotTheirFiles()
    {
        var old = await _tus.UploadAsync(TusClient.Bytes(10));
        var young = await _tus.UploadAsync(TusClient.Bytes(11));
        await using var db = await _app.OpenDatabaseAsync();
        await db.Uploads.Where(u => u.Id == old).ExecuteUpdateAsync(set => set.SetProperty(u => u.CompletedAt, LongAgo), Stop);
        foreach (var file in Directory.GetFiles(_app.DataFolder, "*", SearchOption.AllDirectories).Where(f => f.Contains("/objects/", StringComparison.Ordinal)))
            File.SetLastWriteTimeUtc(file, LongAgo);

        await SweepAsync();

        Assert.Equal(young, (await db.Uploads.AsNoTracking().SingleAsync(Stop)).Id);
        foreach (var file in await db.AudioFiles.ToListAsync(Stop))
            Assert.Equal(file.Length, (await _app.ReadSourceAsync(file)).Length);
    }

    [Fact]
    public async Task Sweep_OfOldBytesThatNoRowKnows_LeavesThem()
    {
        var store = _app.Get<IMediaStore>();
        var known = await _tus.UploadAsync(TusClient.Bytes(10));
        List<string> keys = [$"sources/{Guid.NewGuid():N}", $"renditions/{Guid.NewGuid():N}/1/audio.mp3", $"renditions/{await JobAsync(known):N}/1/audio.wav"];
        foreach (var key in keys)
            await ImportAsync(store, key);
        var unfinished = await store.BeginAsync($"sources/{Guid.NewGuid():N}", Stop);
        AgeBytes();

        await SweepAsync();

        Assert.Equal([.. keys.Append($"sources/{known:N}").Order()], (await store.ListAsync(Stop).Select(o => o.Key).ToListAsync(Stop)).Order());
        Assert.Equal(unfinished, (await store.ListUnfinishedAsync(Stop).SingleAsync(Stop)).Handle);
    }

    [Fact]
    public async Task Sweep_OfAnUploadThatMovesMeanwhile_LeavesIt()
    {
        var url = await _tus.CreateAsync(100);
        await AgeAsync(TusClient.IdOf(url), DateTimeOffset.UtcNow.AddMinutes(-1));
        // The rows have been read when the store is asked how far the upload is.
        _link.Before = method => method == nameof(IMediaStore.OffsetAsync) ? AgeAsync(TusClient.IdOf(url), DateTimeOffset.UtcNow.AddHours(1)) : Task.CompletedTask;

        await SweepAsync();

        _link.Before = null;
        Assert.Equal(0, await _tus.OffsetAsync(url));
    }

    [Fact]
    public async Task Sweep_FinishesOthersWhenOneCannotBeFinished()
    {
        var lost = await _tus.CreateAsync(100);
        var whole = TusClient.IdOf(await _tus.CreateAsync(100));
        foreach (var part in _app.Parts())
        {
            if (part.Contains($"{TusClient.IdOf(lost):N}", StringComparison.Ordinal))
                File.Delete(part);
            else
                await File.WriteAllBytesAsync(part, TusClient.Bytes(100), Stop);
        }

        await SweepAsync();

        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal(whole, (await db.AudioFiles.SingleAsync(Stop)).Id);
        Assert.Equal(whole, (await db.Uploads.SingleAsync(Stop)).Id);
    }

    private Task SweepAsync() => _app.Get<UploadSweep>().SweepAsync(Stop);

    private async Task AgeAsync(Guid id, DateTimeOffset expires)
    {
        await using var db = await _app.OpenDatabaseAsync();
        await db.Uploads.Where(u => u.Id == id).ExecuteUpdateAsync(set => set.SetProperty(u => u.ExpiresAt, expires), Stop);
    }

    private async Task ImportAsync(IMediaStore store, string key)
    {
        var file = Path.Combine(_app.DataFolder, "made");
        await File.WriteAllTextAsync(file, "x", Stop);
        await store.ImportAsync(key, file, Stop);
    }

    private void AgeBytes()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(_app.DataFolder, "media"), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, LongAgo);
    }

    private async Task<Guid> JobAsync(Guid fileId)
    {
        await using var db = await _app.OpenDatabaseAsync();
        return (await db.TranscodeJobs.SingleAsync(j => j.AudioFileId == fileId, Stop)).Id;
    }

    private async Task<TranscodeJob> JobRowAsync(Guid id)
    {
        await using var db = await _app.OpenDatabaseAsync();
        return await db.TranscodeJobs.SingleAsync(j => j.Id == id, Stop);
    }
}
