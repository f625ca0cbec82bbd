using BlazorTranscode.Administration;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using BlazorTranscode.Uploads;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>A database that was put back from a copy knows less than its store.</summary>
public sealed class RestoredDatabaseTests : IDisposable
{
    private readonly TempFolder _data = new();
    private readonly LogCollector _log = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _data.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OlderDatabase_PutBack_KeepsAllAudio_AndListsWhatItDoesNotKnow(bool copiedWhileTheAppRan)
    {
        string known, given;
        await using (var app = Start())
        {
            var anna = await app.CreateUserAsync("anna");
            known = (await app.AddFileAsync(anna, "known.wav")).StorageKey;
            given = $"sources/{Guid.NewGuid():N}";
            await app.StoreAsync(given, [1]);
            await using var db = await app.OpenDatabaseAsync();
            db.DeleteLater(given, DeletionReason.OutputOfAttempt, DateTimeOffset.UtcNow, TimeSpan.FromHours(1));
            db.Uploads.Add(new()
            {
                Id = Guid.NewGuid(), OwnerId = anna.Id, Name = "half.wav", Length = 100, PresetIds = ["mp3"], Metadata = "", StorageKey = $"sources/{Guid.NewGuid():N}",
                CreatedAt = DateTimeOffset.UtcNow.AddDays(-3), ExpiresAt = DateTimeOffset.UtcNow.AddHours(1),
            });
            await db.SaveChangesAsync(Stop);
            if (copiedWhileTheAppRan)
            {
                await db.Database.ExecuteSqlAsync($"VACUUM INTO {_data.File("copy")}", Stop);
                await app.Get<RestoredDatabase>().CountAsync(Stop); // an hour later
            }
        }

        if (!copiedWhileTheAppRan)
            Copy("app.db", "copy");
        string since;
        await using (var app = Start())
        {
            await using var db = await app.OpenDatabaseAsync();
            since = (await app.AddFileAsync(await app.CreateUserAsync("ben"), "since.wav")).StorageKey;
            await db.KeepAsync([given], Stop);
        }

        SqliteConnection.ClearAllPools();
        File.Delete(_data.File("app.db-wal"));
        Copy("copy", "app.db");
        // As after a week: all is old, and every day in the copy has passed.
        foreach (var file in Directory.GetFiles(_data.File("media"), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-8));
        using (var connection = new SqliteConnection($"Data Source={_data.File("app.db")};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"UPDATE PendingDeletions SET DueAt = {DateTime.UtcNow.AddDays(-7).Ticks}; UPDATE Uploads SET ExpiresAt = {DateTime.UtcNow.AddDays(-7).Ticks}";
            command.ExecuteNonQuery();
        }

        await using var restored = Start();
        await restored.Get<UploadSweep>().SweepAsync(Stop);

        var keys = await restored.Get<IMediaStore>().ListAsync(Stop).Select(o => o.Key).ToListAsync(Stop);
        Assert.Equal(7, keys.Count);
        Assert.Contains(known, keys);
        Assert.True(restored.Get<StoreOwnership>().IsOurs);
        await using var after = await restored.OpenDatabaseAsync();
        Assert.InRange((await after.PendingDeletions.SingleAsync(Stop)).DueAt, DateTimeOffset.UtcNow.AddDays(6.9), DateTimeOffset.UtcNow.AddDays(7.1));
        Assert.InRange((await after.Uploads.SingleAsync(Stop)).ExpiresAt, DateTimeOffset.UtcNow.AddDays(6.9), DateTimeOffset.UtcNow.AddDays(7.1));
        Assert.Single(_log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("it was restored", StringComparison.Ordinal));

        var listing = await restored.Get<StoreAdministration>().ReadAsync(new(), () => { }, Stop);
        Assert.Contains(listing.Objects, o => o.Key == since);
        Assert.DoesNotContain(listing.Objects, o => o.Key == known || o.Key == given);
    }

    [Fact]
    public async Task SameDatabase_StartedAgain_KeepsItsDays()
    {
        var due = DateTimeOffset.UtcNow.AddHours(1);
        await using (var app = Start())
        {
            await using var db = await app.OpenDatabaseAsync();
            db.DeleteLater($"sources/{Guid.NewGuid():N}", DeletionReason.FileDeleted, due);
            await db.SaveChangesAsync(Stop);
        }

        await using var again = Start();

        await using var after = await again.OpenDatabaseAsync();
        Assert.Equal(due, (await after.PendingDeletions.SingleAsync(Stop)).DueAt);
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains("it was restored", StringComparison.Ordinal));
    }

    private TestApp Start() => TestApp.Start(services: services =>
    {
        UploadTestApp.WithoutEngine(services);
        _log.Install(services);
    }, folder: _data);

    private void Copy(string from, string to)
    {
        SqliteConnection.ClearAllPools();
        using (var connection = new SqliteConnection($"Data Source={_data.File(from)};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            command.ExecuteNonQuery();
        }

        File.Copy(_data.File(from), _data.File(to), overwrite: true);
    }
}
