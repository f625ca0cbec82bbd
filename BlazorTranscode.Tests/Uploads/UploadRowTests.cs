using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>The row of an upload comes before its bytes and goes before them, whatever the store does in between.</summary>
public sealed class UploadRowTests : IAsyncLifetime
{
    private TestApp _app = default!;
    private TestUser _user = default!;
    private TusClient _tus = default!;
    private Func<string, object?> _fault = _ => null;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = UploadTestApp.Start(services: FaultyStore.With(method => _fault(method)));
        _user = await _app.CreateUserAsync("anna");
        _tus = new(_user);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Row_IsThereBeforeTheStoreBegins()
    {
        var rows = -1;
        _fault = method =>
        {
            if (method == nameof(IMediaStore.BeginAsync))
            {
                using var db = _app.OpenDatabaseAsync().GetAwaiter().GetResult();
                rows = db.Uploads.Count();
            }

            return null;
        };

        await _tus.CreateAsync(10);

        Assert.Equal(1, rows);
    }

    [Fact]
    public async Task StoreThatDoesNotBegin_IsAskedAgainByTheFirstPiece()
    {
        _fault = method => method == nameof(IMediaStore.BeginAsync) ? throw new IOException("The store is away.") : null;
        var content = TusClient.Bytes(300_000);
        var url = await _tus.CreateAsync(content.Length);
        Assert.Empty(_app.Parts());
        Assert.Equal(0, await _tus.OffsetAsync(url));
        _fault = _ => null;

        using var answer = await _tus.PatchAsync(url, 0, content);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(content, await SourceAsync());
    }

    [Fact]
    public async Task DeathBeforeTheHandleWasStored_LeavesNoSecondObject()
    {
        var content = TusClient.Bytes(300_000);
        var url = await _tus.CreateAsync(content.Length);
        await ForgetHandleAsync();

        using var answer = await _tus.PatchAsync(url, 0, content);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(content, await SourceAsync());
        Assert.Empty(_app.Parts());
    }

    [Fact]
    public async Task DeathBeforeTheHandleWasStored_AndCancel_LeaveNothing()
    {
        var url = await _tus.CreateAsync(10);
        await ForgetHandleAsync();
        (await _tus.DeleteAsync(url)).Dispose();
        Assert.Empty(_app.Parts());
        Assert.Empty(await DeletionsAsync());
    }

    [Fact]
    public async Task Cancel_WhileTheStoreDoesNotAnswer_LeavesItsBytesInTheTableOfWhatShallGo()
    {
        var url = await _tus.CreateAsync(1000);
        (await _tus.PatchAsync(url, 0, TusClient.Bytes(400))).Dispose();
        var upload = await RowAsync();
        _fault = method => method == nameof(IMediaStore.AbortAsync) ? throw new IOException("The store is away.") : null;

        using var answer = await _tus.DeleteAsync(url);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var deletion = Assert.Single(await DeletionsAsync());
        Assert.Equal(
            (upload.StorageKey, upload.StorageHandle, DeletionReason.UploadAbandoned, _user.Id),
            (deletion.StorageKey, deletion.StorageHandle, deletion.Reason, deletion.OwnerId));
        Assert.True(deletion.DueAt <= DateTimeOffset.UtcNow);
        Assert.Single(_app.Parts());
    }

    [Fact]
    public async Task Cancel_LeavesNothingToGo()
    {
        var url = await _tus.CreateAsync(1000);
        (await _tus.DeleteAsync(url)).Dispose();
        Assert.Empty(_app.Parts());
        Assert.Empty(await DeletionsAsync());
    }

    [Fact]
    public async Task UploadThatHasMovedSinceItWasFoundExpired_IsKept()
    {
        var url = await _tus.CreateAsync(1000);
        var asRead = await RowAsync();
        (await _tus.PatchAsync(url, 0, TusClient.Bytes(400))).Dispose();

        Assert.False(await _app.Get<UploadIntake>().DiscardAsync(asRead, Stop));

        Assert.Equal(400, await _tus.OffsetAsync(url));
    }

    private async Task<Upload> RowAsync()
    {
        await using var db = await _app.OpenDatabaseAsync();
        return await db.Uploads.AsNoTracking().SingleAsync(Stop);
    }

    private async Task<List<PendingDeletion>> DeletionsAsync()
    {
        await using var db = await _app.OpenDatabaseAsync();
        Assert.False(await db.Uploads.AnyAsync(Stop));
        return await db.PendingDeletions.ToListAsync(Stop);
    }

    private async Task ForgetHandleAsync()
    {
        await using var db = await _app.OpenDatabaseAsync();
        await db.Uploads.ExecuteUpdateAsync(set => set.SetProperty(u => u.StorageHandle, (string?)null), Stop);
    }

    private async Task<byte[]> SourceAsync()
    {
        await using var db = await _app.OpenDatabaseAsync();
        return await _app.ReadSourceAsync(await db.AudioFiles.SingleAsync(Stop));
    }
}
