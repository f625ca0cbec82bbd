using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>Connections that break, two that compete, and deaths at every point between the last byte and the job.</summary>
public sealed class TusResumeTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private TestApp _app = default!;
    private TestUser _user = default!;
    private TusClient _tus = default!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = UploadTestApp.Start(folder: _folder);
        _user = await _app.CreateUserAsync("anna");
        _tus = new(_user);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task CutInAPatch_KeepsWhatArrived_AndGoesOnToTheSameBytes()
    {
        var content = TusClient.Bytes(3_000_000);
        var url = await _tus.CreateAsync(content.Length);
        var broken = new BrokenContent(content, 2_000_000);
        var patch = _tus.PatchAsync(url, 0, broken);
        await Eventually.TrueAsync(async () => await _tus.OffsetAsync(url) > 1_000_000);
        broken.Cut();
        await Assert.ThrowsAnyAsync<Exception>(() => patch);
        await Eventually.TrueAsync(async () =>
        {
            // The app may still be busy with what came before the connection broke.
            using var nothing = await _tus.PatchAsync(url, await _tus.OffsetAsync(url), []);
            return nothing.StatusCode == HttpStatusCode.NoContent;
        });

        var offset = await SendRestAsync(url, content);

        Assert.InRange(offset, 1_000_000, 2_000_000);
        await AssertOneFileAndJobAsync(content);
    }

    [Fact]
    public async Task SecondConnection_IsLockedOutWhileTheFirstSends()
    {
        var content = TusClient.Bytes(1_000_000);
        var url = await _tus.CreateAsync(content.Length);
        var slow = new BrokenContent(content, 600_000);
        var patch = _tus.PatchAsync(url, 0, slow);
        await Eventually.TrueAsync(async () => await _tus.OffsetAsync(url) > 300_000);

        await _tus.PatchAsync(url, 0, content).AssertRefusedAsync(HttpStatusCode.Locked);
        await _tus.DeleteAsync(url).AssertRefusedAsync(HttpStatusCode.Locked);

        slow.GoOn();
        Assert.Equal(HttpStatusCode.NoContent, (await patch).StatusCode);
        await AssertOneFileAndJobAsync(content);
    }

    [Fact]
    public async Task Restart_InTheMiddle_LosesNothing()
    {
        var content = TusClient.Bytes(1_000_000);
        var url = await _tus.CreateAsync(content.Length);
        (await _tus.PatchAsync(url, 0, content[..400_000])).Dispose();

        await _app.DisposeAsync();
        _app = UploadTestApp.Start(folder: _folder);
        _tus = new(await _app.SignInAgainAsync(_user));

        Assert.Equal(400_000, await SendRestAsync(url, content));
        await AssertOneFileAndJobAsync(content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DeathAfterTheLastByte_IsMadeGoodByTheNextHead(bool renamed)
    {
        var content = TusClient.Bytes(1000);
        var upload = await ArriveAndDieAsync(content, renamed);

        Assert.Equal(1000, await _tus.OffsetAsync($"/uploads/{upload.Id}"));

        await AssertOneFileAndJobAsync(content);
        using var again = await _tus.PatchAsync($"/uploads/{upload.Id}", 1000, []);
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        await AssertOneFileAndJobAsync(content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DeathAfterTheLastByte_IsMadeGoodAtTheNextStart(bool renamed)
    {
        var content = TusClient.Bytes(1000);
        await ArriveAndDieAsync(content, renamed);

        await _app.DisposeAsync();
        _app = UploadTestApp.Start(folder: _folder);

        await Eventually.TrueAsync(async () =>
        {
            await using var db = await _app.OpenDatabaseAsync();
            return await db.TranscodeJobs.AnyAsync(Stop);
        });
        await AssertOneFileAndJobAsync(content);
    }

    [Fact]
    public async Task Finish_ByManyAtOnce_GivesOneFileAndOneJob()
    {
        var content = TusClient.Bytes(1000);
        var upload = await ArriveAndDieAsync(content, renamed: false);

        // The same row read by each before anybody has finished.
        await Parallel.ForAsync(0, 8, Stop, async (_, stop) => await _app.Get<UploadIntake>().FinishAsync(upload, stop));

        await AssertOneFileAndJobAsync(content);
    }

    [Fact]
    public async Task Head_WhenTheStoreHasLostTheBytes_SaysThatThereIsNoUpload()
    {
        var url = await _tus.CreateAsync(1000);
        File.Delete(Assert.Single(_app.Parts()));
        using var answer = await _tus.HeadAsync(url);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        await using var db = await _app.OpenDatabaseAsync();
        Assert.False(await db.Uploads.AnyAsync(Stop));
    }

    /// <summary>All bytes are there, but the process dies before the transaction, or already before the rename.</summary>
    private async Task<Upload> ArriveAndDieAsync(byte[] content, bool renamed)
    {
        var id = TusClient.IdOf(await _tus.CreateAsync(content.Length));
        await File.WriteAllBytesAsync(Assert.Single(_app.Parts()), content, Stop);
        await using var db = await _app.OpenDatabaseAsync();
        var upload = await db.Uploads.AsNoTracking().SingleAsync(u => u.Id == id, Stop);
        if (renamed)
            await _app.Get<IMediaStore>().CompleteAsync(upload.StorageKey, upload.StorageHandle!, upload.Length, Stop);
        return upload;
    }

    private async Task<long> SendRestAsync(string url, byte[] content)
    {
        var offset = await _tus.OffsetAsync(url);
        using var answer = await _tus.PatchAsync(url, offset, content[(int)offset..]);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return offset;
    }

    private async Task AssertOneFileAndJobAsync(byte[] content)
    {
        await using var db = await _app.OpenDatabaseAsync();
        var file = await db.AudioFiles.SingleAsync(Stop);
        Assert.Equal(file.Id, (await db.TranscodeJobs.SingleAsync(Stop)).AudioFileId);
        Assert.NotNull((await db.Uploads.SingleAsync(Stop)).CompletedAt);
        Assert.Equal(content, await _app.ReadSourceAsync(file));
        Assert.Empty(_app.Parts());
    }
}
