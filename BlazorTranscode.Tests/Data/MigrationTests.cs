using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Data;

/// <summary>A database of an older version keeps its rows.</summary>
public sealed class MigrationTests : IDisposable
{
    private readonly TestDatabase _database = new("Initial");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task SlimmerIndexes_KeepWhatIsThere()
    {
        var delivery = new Delivery
        {
            TopicArn = "t", MessageId = "m", Type = SnsType.Notification, SignatureVersion = 2, SentAt = DateTimeOffset.UnixEpoch, ReceivedAt = DateTimeOffset.UnixEpoch,
            RemoteAddress = null, Body = "hello", Outcome = DeliveryOutcome.NotUnderstood,
        };
        var message = SampleRows.NewMessage("anna");
        TranscodeJob open, cancelled;
        await using (var old = _database.CreateDbContext())
        {
            (open, cancelled) = (await old.AddJobAsync("anna"), await old.AddJobAsync("anna", JobState.Cancelled));
            await old.TranscodeJobs.ExecuteUpdateAsync(set => set.SetProperty(j => j.NextCheckAt, DateTimeOffset.UnixEpoch), Token);
            old.AddRange(delivery, message);
            await old.SaveChangesAsync(Token);
        }

        await using var db = _database.CreateDbContext();
        await db.Database.MigrateAsync(Token);
        Assert.False(db.Database.HasPendingModelChanges());
        Assert.Equal(DateTimeOffset.UnixEpoch, (await db.TranscodeJobs.SingleAsync(j => j.Id == open.Id, Token)).NextCheckAt);
        Assert.Null((await db.TranscodeJobs.SingleAsync(j => j.Id == cancelled.Id, Token)).NextCheckAt);
        Assert.Equal(message.Text, (await db.Messages.SingleAsync(Token)).Text);
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        Assert.False(db.TryInsert(delivery)); // came again after the update
    }
}
