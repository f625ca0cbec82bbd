using System.Data.Common;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Webhooks;

public sealed class DeliveryWriterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>It was written, undone because of its neighbour, and cannot be written again: it must not pass for written.</summary>
    [Fact]
    public async Task UndoneWithItsNeighbour_AndThenRefused_IsNotAcknowledged()
    {
        var database = new MoodyDatabase();
        await using var webhook = await WebhookApp.StartAsync(services: services => services.ConfigureDbContext<AppDbContext>(o => o.AddInterceptors(database)));
        var (first, neighbour, last) = (await webhook.AddRemoteJobAsync(), await webhook.AddRemoteJobAsync(), await webhook.AddRemoteJobAsync());
        database.Refuses = (job, time) => job == neighbour.Id || (job == first.Id && time > 1);
        PendingDelivery[] batch = [Pending(webhook.Topic.Arn, first), Pending(webhook.Topic.Arn, neighbour), Pending(webhook.Topic.Arn, last)];

        await using (var writer = ActivatorUtilities.CreateInstance<DeliveryWriter>(webhook.App.Services))
            await writer.WriteAsync(batch, Token);

        Assert.Equal([false, false, true], batch.Select(p => p.Answer.IsCompletedSuccessfully));
        Assert.Equal(last.Id, Assert.Single(await webhook.DeliveriesAsync()).JobId);
        Assert.Equal(JobState.Submitted, (await webhook.JobAsync(first.Id)).State);
    }

    private static PendingDelivery Pending(string topicArn, TranscodeJob job) => new(new()
    {
        TopicArn = topicArn, MessageId = Guid.NewGuid().ToString(), Type = SnsType.Notification, SignatureVersion = 2, SentAt = DateTimeOffset.UtcNow,
        ReceivedAt = DateTimeOffset.UtcNow, RemoteAddress = null, Body = EnginePayloads.MediaConvert(job, "COMPLETE"),
    });

    /// <summary>Refuses messages about some jobs, perhaps not each time: what is undone in a transaction has no other way to be remembered.</summary>
    private sealed class MoodyDatabase : DbConnectionInterceptor
    {
        private readonly Dictionary<Guid, int> _times = [];

        /// <summary>Whether a message about this job is refused, this time; null as long as the tables may be missing.</summary>
        public Func<Guid, int, bool>? Refuses { get; set; }

        public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (Refuses is not { } refuses)
                return;
            ((SqliteConnection)connection).CreateFunction("refuses", (string job) =>
            {
                var id = Guid.Parse(job);
                return refuses(id, _times[id] = _times.GetValueOrDefault(id) + 1);
            });
            await using var command = connection.CreateCommand();
            command.CommandText = """
                CREATE TEMP TRIGGER IF NOT EXISTS refusal BEFORE INSERT ON "Messages" WHEN refuses(NEW."JobId")
                BEGIN SELECT RAISE(ABORT, 'refused'); END
                """;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
