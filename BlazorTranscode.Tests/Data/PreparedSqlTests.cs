using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Data;

/// <summary>What goes past the change tracker must lie in the tables exactly as if it had not.</summary>
public sealed class PreparedSqlTests : IDisposable
{
    private readonly TestDatabase _database = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Insert_ReadsBackAsItWas()
    {
        var message = SampleRows.NewMessage("anna");
        message.ReadAt = DateTimeOffset.UtcNow;
        var delivery = new Delivery
        {
            TopicArn = "t", MessageId = "m", Type = SnsType.Notification, SignatureVersion = 2, SentAt = DateTimeOffset.UnixEpoch, ReceivedAt = DateTimeOffset.UtcNow,
            RemoteAddress = null, Body = "“é”", JobId = Guid.NewGuid(), Outcome = DeliveryOutcome.Waiting,
        };
        await using var db = _database.CreateDbContext();
        await using (var transaction = await db.Database.BeginTransactionAsync(Token))
        {
            db.Insert(message);
            Assert.True(db.TryInsert(delivery));
            Assert.False(db.TryInsert(delivery));
            Assert.Throws<InvalidOperationException>(() => db.Insert(message));
            await transaction.CommitAsync(Token);
        }

        Assert.Equivalent(message, await db.Messages.AsNoTracking().SingleAsync(Token), strict: true);
        var read = await db.Deliveries.AsNoTracking().SingleAsync(d => d.JobId == delivery.JobId && d.SentAt == DateTimeOffset.UnixEpoch, Token);
        Assert.Equal((delivery.ReceivedAt, delivery.Body, delivery.Outcome, null), (read.ReceivedAt, read.Body, read.Outcome, read.RemoteAddress));
    }

    [Theory]
    [InlineData("")]
    [InlineData("“é” 🎵")]
    [InlineData(null)]
    public async Task Text_ReadsBackAsItWas(string? text)
    {
        await using var db = _database.CreateDbContext();
        await db.AddJobAsync("anna");
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        Assert.Equal(1, db.ExecutePrepared($"""UPDATE "TranscodeJobs" SET "Reason" = {text}"""));
        Assert.Equal(text, db.FirstPrepared($"""SELECT "Reason" FROM "TranscodeJobs" """, row => row.GetNullableString(0)));
        Assert.Equal(text, await db.TranscodeJobs.Select(j => j.Reason).SingleAsync(Token));
    }

    /// <summary>A statement that failed is as good as new, and so is the transaction.</summary>
    [Fact]
    public async Task Failure_IsTheProvidersOwnAndLeavesTheRest()
    {
        await using var db = _database.CreateDbContext();
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        var message = SampleRows.NewMessage("anna");
        db.Insert(message);
        foreach (var file in (Guid[])[Guid.NewGuid(), Guid.NewGuid()])
        {
            var orphan = new Rendition
            {
                Id = Guid.NewGuid(), AudioFileId = file, PresetId = "mp3", StorageKey = "k", Length = 1, Duration = TimeSpan.Zero, CreatedAt = DateTimeOffset.UtcNow,
            };
            var refused = Assert.Throws<SqliteException>(() => db.Insert(orphan));
            Assert.Equal("FOREIGN KEY constraint failed", refused.Message.Split('\'')[1]);
        }

        await transaction.CommitAsync(Token);
        Assert.Equal(message.Id, await db.Messages.Select(m => m.Id).SingleAsync(Token));
    }

    [Fact]
    public async Task OutsideATransaction_IsRefused()
    {
        await using var db = _database.CreateDbContext();
        Assert.Throws<InvalidOperationException>(() => db.ExecutePrepared($"SELECT 1"));
    }

    /// <summary>SQLite takes its log into the file when the last connection closes, which it does not while a statement is left on one.</summary>
    [Fact]
    public async Task ClosedConnection_LeavesNoLog()
    {
        string file;
        await using (var db = _database.CreateDbContext())
        {
            file = db.Database.GetDbConnection().DataSource;
            await using var transaction = await db.Database.BeginTransactionAsync(Token);
            db.Insert(SampleRows.NewMessage("anna"));
            Assert.True(File.Exists(file + "-wal"));
            await transaction.CommitAsync(Token);
        }

        Assert.False(File.Exists(file + "-wal"));
    }

    [Fact]
    public async Task Statement_TakesValuesAsTheModelStoresThem()
    {
        var (now, later) = (DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1));
        await using var db = _database.CreateDbContext();
        var job = await db.AddJobAsync("anna");
        await using (var transaction = await db.Database.BeginTransactionAsync(Token))
        {
            foreach (var moment in (DateTimeOffset[])[now, later])
            {
                var owner = db.FirstPrepared(
                    $"""
                    UPDATE "TranscodeJobs" SET "FinishedAt" = {moment}, "StartedAt" = {(DateTimeOffset?)null}, "HeardBy" = {(int)ReportSource.Queue}
                    WHERE "Id" = {job.Id} RETURNING "OwnerId"
                    """, row => row.GetString(0));
                Assert.Equal("anna", owner);
            }

            Assert.Equal(1, db.ExecutePrepared(
                $"""UPDATE "AudioFiles" SET "Duration" = {TimeSpan.FromSeconds(61.5)} WHERE "Id" = {job.AudioFileId}"""));
            Assert.Equal(0, db.ExecutePrepared($"""UPDATE "AudioFiles" SET "Name" = {"x"} WHERE "Id" = {Guid.NewGuid()}"""));
            Assert.Null(db.FirstPrepared($"""SELECT "Name" FROM "AudioFiles" WHERE "Id" = {Guid.NewGuid()}""", row => row.GetString(0)));
            await transaction.CommitAsync(Token);
        }

        var read = await db.TranscodeJobs.AsNoTracking().SingleAsync(j => j.FinishedAt == later && j.StartedAt == null, Token);
        Assert.Equal((later, ReportSource.Queue), (read.FinishedAt!.Value, read.HeardBy!.Value));
        Assert.Equal(TimeSpan.FromSeconds(61.5), await db.Set<AudioFile>().Select(f => f.Duration).SingleAsync(Token));
    }
}
