using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Uploads;
using BlazorTranscode.Webhooks;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Data;

/// <summary>A database of an older version keeps its rows, and there is a way back.</summary>
public sealed class MigrationTests : IDisposable
{
    private const string Last = "20261130201222_KeptAudio";

    private readonly TestDatabase _database = new("0");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IEnumerable<string> Copies => Directory.GetFiles(Path.GetDirectoryName(_database.Path)!).Where(file => file.Contains(".before-", StringComparison.Ordinal));

    public void Dispose() => _database.Dispose();

    [Theory]
    [InlineData("Initial")]
    [InlineData("SlimmerIndexes")]
    public async Task Migration_OfAFilledDatabase_KeepsWhatIsThere(string version)
    {
        await FillAsync(version);
        await MigrateAsync();
        await using var db = _database.CreateDbContext();
        Assert.False(db.Database.HasPendingModelChanges());
        Assert.Equal(db.Database.GetMigrations(), await db.Database.GetAppliedMigrationsAsync(Token));
        var open = await db.TranscodeJobs.SingleAsync(j => j.Id == OldRows.Open, Token);
        Assert.Equal((JobState.Queued, 2, 1, 0L, 0L), (open.State, open.Attempt, open.Failures, open.Turn, open.ReservedBytes));
        Assert.Equal(version == "Initial", (await db.TranscodeJobs.SingleAsync(j => j.Id == OldRows.Cancelled, Token)).NextCheckAt is null);
        var upload = await db.Uploads.SingleAsync(Token);
        Assert.Equal((OldRows.Upload, "sources/b", "handle", 5000L, 0), (upload.Id, upload.StorageKey, upload.StorageHandle, upload.Length, upload.Checksums.Length));
        Assert.Equal("sources/a", (await db.AudioFiles.SingleAsync(Token)).StorageKey);
        Assert.Equal("outputs/a", (await db.Renditions.SingleAsync(Token)).StorageKey);
        Assert.Equal("hello", (await db.Messages.SingleAsync(Token)).Text);
        Assert.Equal((0L, null), await db.Installations.Select(i => ValueTuple.Create(i.Starts, i.StoreId)).SingleAsync(Token));
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        Assert.False(db.TryInsert(new Delivery
        {
            TopicArn = "t", MessageId = "m", Type = SnsType.Notification, SignatureVersion = 2, SentAt = DateTimeOffset.UnixEpoch, ReceivedAt = DateTimeOffset.UnixEpoch,
            RemoteAddress = null, Body = "hello", Outcome = DeliveryOutcome.NotUnderstood,
        })); // came again after the update
    }

    [Fact]
    public async Task Migration_OfANewDatabase_CopiesNothing()
    {
        await MigrateAsync();
        Assert.Empty(Copies);
    }

    [Fact]
    public async Task Migration_OfAFilledDatabase_LeavesACopyOfItAsItWas()
    {
        await FillAsync("SlimmerIndexes");
        await MigrateAsync();
        await MigrateAsync();
        var copy = Assert.Single(Copies);
        Assert.Equal($"test.db.before-{Last}", Path.GetFileName(copy));
        await using var old = new SqliteConnection($"Data Source={copy};Pooling=False");
        await old.OpenAsync(Token);
        Assert.Equal(2, (await DatabaseVersion.ReadAsync(old, Token)).Applied.Count);
        await using var command = old.CreateCommand();
        command.CommandText = """SELECT "StorageHandle" FROM "Uploads" """;
        Assert.Equal("handle", await command.ExecuteScalarAsync(Token));
    }

    /// <summary>A start that is killed after the copy finds it again; who went back for a month and comes again has a new state.</summary>
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task Migration_BesideACopy_MakesAnotherOnlyIfSomethingIsNew(bool changed, int copies)
    {
        await FillAsync("SlimmerIndexes");
        File.Copy(_database.Path, $"{_database.Path}.save");
        await MigrateAsync();
        File.Move($"{_database.Path}.save", _database.Path, overwrite: true);
        if (changed)
        {
            await using var db = _database.CreateDbContext();
            await db.Database.ExecuteSqlRawAsync("""UPDATE "Uploads" SET "Name" = 'other.wav'""", Token);
        }

        await MigrateAsync();
        Assert.Equal(copies, Copies.Count());
    }

    /// <summary>Some would see a file without its rows otherwise: nothing of a migration that fails stays.</summary>
    [Fact]
    public async Task Migration_ThatFailsHalfway_LeavesTheDatabaseAsItWas()
    {
        await FillAsync("SlimmerIndexes");
        await using (var db = _database.CreateDbContext())
            await db.Database.ExecuteSqlRawAsync("""CREATE TABLE "PendingDeletions" ("Id" TEXT)""", Token); // in the way of one of the last steps
        await Assert.ThrowsAsync<SqliteException>(MigrateAsync);
        await using (var db = _database.CreateDbContext())
        {
            Assert.Equal(2, (await db.Database.GetAppliedMigrationsAsync(Token)).Count());
            await db.Database.ExecuteSqlRawAsync("""DROP TABLE "PendingDeletions" """, Token);
        }

        await MigrateAsync();
        await using var after = _database.CreateDbContext();
        Assert.Equal("handle", (await after.Uploads.SingleAsync(Token)).StorageHandle);
    }

    private async Task FillAsync(string version)
    {
        await using var db = _database.CreateDbContext();
        await OldRows.FillAsync(db, version);
    }

    private async Task MigrateAsync()
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        await using var db = _database.CreateDbContext();
        await new DatabaseMigration(_time, NullLogger<DatabaseMigration>.Instance).RunAsync(db, Token);
    }
}
