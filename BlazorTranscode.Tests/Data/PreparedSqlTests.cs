using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
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
            await db.InsertAsync(message, Token);
            Assert.True(await db.TryInsertAsync(delivery, Token));
            Assert.False(await db.TryInsertAsync(delivery, Token));
            await Assert.ThrowsAsync<InvalidOperationException>(() => db.InsertAsync(message, Token));
            await transaction.CommitAsync(Token);
        }

        Assert.Equivalent(message, await db.Messages.AsNoTracking().SingleAsync(Token), strict: true);
        var read = await db.Deliveries.AsNoTracking().SingleAsync(d => d.JobId == delivery.JobId && d.SentAt == DateTimeOffset.UnixEpoch, Token);
        Assert.Equal((delivery.ReceivedAt, delivery.Body, delivery.Outcome, null), (read.ReceivedAt, read.Body, read.Outcome, read.RemoteAddress));
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
                var owner = await db.FirstPreparedAsync(
                    $"""
                    UPDATE "TranscodeJobs" SET "FinishedAt" = {moment}, "StartedAt" = {(DateTimeOffset?)null}, "HeardBy" = {(int)ReportSource.Queue}
                    WHERE "Id" = {job.Id} RETURNING "OwnerId"
                    """, row => row.GetString(0), Token);
                Assert.Equal("anna", owner);
            }

            Assert.Equal(1, await db.ExecutePreparedAsync(
                $"""UPDATE "AudioFiles" SET "Duration" = {TimeSpan.FromSeconds(61.5)} WHERE "Id" = {job.AudioFileId}""", Token));
            Assert.Equal(0, await db.ExecutePreparedAsync($"""UPDATE "AudioFiles" SET "Name" = {"x"} WHERE "Id" = {Guid.NewGuid()}""", Token));
            Assert.Null(await db.FirstPreparedAsync($"""SELECT "Name" FROM "AudioFiles" WHERE "Id" = {Guid.NewGuid()}""", row => row.GetString(0), Token));
            await transaction.CommitAsync(Token);
        }

        var read = await db.TranscodeJobs.AsNoTracking().SingleAsync(j => j.FinishedAt == later && j.StartedAt == null, Token);
        Assert.Equal((later, ReportSource.Queue), (read.FinishedAt!.Value, read.HeardBy!.Value));
        Assert.Equal(TimeSpan.FromSeconds(61.5), await db.Set<BlazorTranscode.Audio.AudioFile>().Select(f => f.Duration).SingleAsync(Token));
    }
}
