using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace BlazorTranscode.Tests.Storage;

public sealed class DeletionsTests : IAsyncLifetime
{
    private readonly StoreLink _link = new();
    private readonly LogCollector _log = new();
    private readonly TestApp _app;
    private TestUser _anna = default!;
    private AppDbContext _db = default!;

    public DeletionsTests() => _app = TestApp.Start(services: services =>
    {
        _link.Install(services);
        _log.Install(services);
    });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (_anna, _db) = (await _app.CreateUserAsync("anna"), await _app.OpenDatabaseAsync());

    public async ValueTask DisposeAsync()
    {
        await _db.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task WorkOff_TakesWhatIsDue_AndNothingElse()
    {
        var (due, later, unknown) = (await StoreAsync(), await StoreAsync(), await StoreAsync());
        await ListAsync(due, TimeSpan.FromSeconds(-1));
        var kept = await ListAsync(later, TimeSpan.FromMinutes(10));

        await _app.Get<Deletions>().WorkOffAsync(Stop);

        Assert.Equal(new[] { later, unknown }.Order(), (await KeysAsync()).Order());
        Assert.Equal(kept, (await _db.PendingDeletions.AsNoTracking().SingleAsync(Stop)).Id);
    }

    [Fact]
    public async Task WorkOff_OfAnUnfinishedObject_LeavesTheOthersOfItsKey()
    {
        var key = NewKey();
        var store = _app.Get<IMediaStore>();
        var (given, kept) = (await store.BeginAsync(key, Stop), await store.BeginAsync(key, Stop));
        await ListAsync(key, TimeSpan.Zero, given);

        await _app.Get<Deletions>().WorkOffAsync(Stop);

        Assert.Equal(kept, (await store.ListUnfinishedAsync(Stop).SingleAsync(Stop)).Handle);
        Assert.Empty(await _db.PendingDeletions.ToListAsync(Stop));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("format")]
    [InlineData("upload")]
    public async Task WorkOff_OfAKeyThatARowNames_KeepsTheObject_AndSaysSo(string row)
    {
        var key = await StoreAsync();
        await NameAsync(row, key);
        await ListAsync(key, TimeSpan.Zero);

        await _app.Get<Deletions>().WorkOffAsync(Stop);

        Assert.Contains(key, await KeysAsync());
        Assert.Empty(await _db.PendingDeletions.ToListAsync(Stop));
        Assert.Contains(key, Assert.Single(_log.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WorkOff_OfOneOfTwoBeginnings_WaitsUntilTheUploadIsOver()
    {
        var key = NewKey();
        var handle = await _app.Get<IMediaStore>().BeginAsync(key, Stop);
        await NameAsync("upload", key);
        await ListAsync(key, TimeSpan.Zero, handle);

        await _app.Get<Deletions>().WorkOffAsync(Stop);
        Assert.Single(await _db.PendingDeletions.AsNoTracking().ToListAsync(Stop));
        Assert.Single(await _app.Get<IMediaStore>().ListUnfinishedAsync(Stop).ToListAsync(Stop));

        await _db.Uploads.ExecuteDeleteAsync(Stop);
        await _app.Get<Deletions>().WorkOffAsync(Stop);
        Assert.Empty(await _db.PendingDeletions.AsNoTracking().ToListAsync(Stop));
        Assert.Empty(await _app.Get<IMediaStore>().ListUnfinishedAsync(Stop).ToListAsync(Stop));
    }

    /// <summary>Who keeps bytes after all does so while a round is under way.</summary>
    [Fact]
    public async Task WorkOff_OfARowThatIsTakenBackMeanwhile_KeepsTheObject()
    {
        var (first, second) = (await StoreAsync(), await StoreAsync());
        await ListAsync(first, TimeSpan.FromMinutes(-2));
        await ListAsync(second, TimeSpan.FromMinutes(-1));
        _link.Before = async method =>
        {
            if (method == nameof(IMediaStore.DeleteAsync))
                Assert.Equal(1, await _db.KeepAsync([second], Stop));
            _link.Before = null;
        };

        await _app.Get<Deletions>().WorkOffAsync(Stop);

        Assert.Equal([second], await KeysAsync());
    }

    [Fact]
    public async Task WorkOff_WithAStoreThatIsAway_KeepsTheRows_AndSaysSoOnce()
    {
        for (var n = 0; n < 3; n++)
            await ListAsync(await StoreAsync(), TimeSpan.Zero);
        var asked = 0;
        _link.Before = method => method == nameof(IMediaStore.DeleteAsync) && ++asked > 0 ? throw new StorageUnavailableException("Away.") : Task.CompletedTask;

        await _app.Get<Deletions>().WorkOffAsync(Stop);
        await _app.Get<Deletions>().WorkOffAsync(Stop);

        Assert.Equal(3, await _db.PendingDeletions.CountAsync(Stop));
        Assert.Equal(2, asked);
        Assert.Single(_log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("could not be deleted", StringComparison.Ordinal));
        _link.Before = null;
        await _app.Get<Deletions>().WorkOffAsync(Stop);
        Assert.Empty(await KeysAsync());
        Assert.Equal(0, await _db.PendingDeletions.CountAsync(Stop));
    }

    /// <summary>One object that cannot be deleted does not keep the others.</summary>
    [Fact]
    public async Task WorkOff_WithOneObjectThatStays_TakesTheOthers()
    {
        for (var n = 0; n < 3; n++)
            await ListAsync(await StoreAsync(), TimeSpan.Zero);
        var asked = 0;
        _link.Before = method => method == nameof(IMediaStore.DeleteAsync) && ++asked == 1 ? throw new UnauthorizedAccessException("Not this one.") : Task.CompletedTask;

        await _app.Get<Deletions>().WorkOffAsync(Stop);

        Assert.Single(await KeysAsync());
        Assert.Equal(1, await _db.PendingDeletions.CountAsync(Stop));
    }

    private static string NewKey() => $"sources/{Guid.NewGuid():N}";

    private async Task<string> StoreAsync()
    {
        var key = NewKey();
        await _app.StoreAsync(key, [1, 2, 3]);
        return key;
    }

    private async Task<Guid> ListAsync(string key, TimeSpan stay, string? handle = null)
    {
        var row = _db.DeleteLater(key, DeletionReason.UploadAbandoned, DateTimeOffset.UtcNow, stay, handle);
        await _db.SaveChangesAsync(Stop);
        return row.Id;
    }

    private async Task NameAsync(string row, string key)
    {
        var now = DateTimeOffset.UtcNow;
        if (row == "upload")
        {
            _db.Uploads.Add(new()
            {
                Id = Guid.NewGuid(), OwnerId = _anna.Id, Name = "song.mp3", Length = 3, PresetIds = ["mp3"], Metadata = TusClient.Metadata("song.mp3"),
                StorageKey = key, StorageHandle = Guid.NewGuid().ToString("N"), CreatedAt = now, ExpiresAt = now.AddDays(1),
            });
        }
        else
        {
            var file = new AudioFile
            {
                Id = Guid.NewGuid(), OwnerId = _anna.Id, Name = "song.mp3", Length = 3, StorageKey = row == "file" ? key : NewKey(), UploadedAt = now,
            };
            _db.AudioFiles.Add(file);
            if (row == "format")
            {
                _db.Renditions.Add(new()
                {
                    Id = Guid.NewGuid(), AudioFileId = file.Id, PresetId = "mp3", StorageKey = key, Length = 3, Duration = TimeSpan.FromSeconds(1), CreatedAt = now,
                });
            }
        }

        await _db.SaveChangesAsync(Stop);
    }

    private ValueTask<List<string>> KeysAsync() => _app.Get<IMediaStore>().ListAsync(Stop).Select(o => o.Key).ToListAsync(Stop);
}
