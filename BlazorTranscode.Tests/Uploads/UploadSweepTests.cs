using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Uploads;

public sealed class UploadSweepTests : IAsyncLifetime
{
    private static readonly DateTime LongAgo = DateTime.UtcNow.AddHours(-25);

    private readonly TestApp _app = UploadTestApp.Start();
    private TestUser _user = default!;
    private TusClient _tus = default!;

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
    public async Task Sweep_RemovesOldBytesThatNoRowKnows()
    {
        var store = _app.Get<IMediaStore>();
        var known = await _tus.UploadAsync(TusClient.Bytes(10));
        var rendition = await AddRenditionAsync(known);
        List<string> orphans = [$"sources/{Guid.NewGuid():N}", $"renditions/{Guid.NewGuid():N}/1/audio.mp3", rendition.Replace("audio.mp3", "audio.wav", StringComparison.Ordinal)];
        var fresh = $"sources/{Guid.NewGuid():N}";
        foreach (var key in (string[])[.. orphans, rendition, fresh])
            await ImportAsync(store, key);
        await store.BeginAsync($"sources/{Guid.NewGuid():N}", Stop);
        foreach (var file in Directory.GetFiles(Path.Combine(_app.DataFolder, "media"), "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(fresh, StringComparison.Ordinal)))
            File.SetLastWriteTimeUtc(file, LongAgo);
        await store.BeginAsync(fresh, Stop);

        await SweepAsync();

        Assert.Equal([rendition, $"sources/{known:N}", fresh], (await store.ListAsync(Stop).Select(o => o.Key).ToListAsync(Stop)).OrderBy(k => k == fresh).ThenBy(k => k));
        Assert.Equal(fresh, (await store.ListUnfinishedAsync(Stop).SingleAsync(Stop)).Key);
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

    private async Task<string> AddRenditionAsync(Guid fileId)
    {
        await using var db = await _app.OpenDatabaseAsync();
        var job = await db.TranscodeJobs.AsNoTracking().SingleAsync(j => j.AudioFileId == fileId, Stop);
        var rendition = new Rendition
        {
            Id = Guid.NewGuid(), AudioFileId = fileId, PresetId = "mp3", StorageKey = $"renditions/{job.Id:N}/1/audio.mp3", Length = 1,
            Duration = TimeSpan.FromSeconds(1), CreatedAt = DateTimeOffset.UtcNow,
        };
        db.Renditions.Add(rendition);
        await db.SaveChangesAsync(Stop);
        return rendition.StorageKey;
    }
}
