using System.Threading.Channels;
using BlazorTranscode.Transcoding;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// Genuine messages on their way into the database. What has arrived together is committed together, without waiting for more, and each
/// request is answered after the commit that holds its message: one flush to disk serves many.
/// </summary>
internal sealed partial class DeliveryQueue(
    DeliveryWriter writer, OutputCheck outputs, IOptions<SnsOptions> options, ILogger<DeliveryQueue> logger) : BackgroundService
{
    /// <summary>More than this many wait nowhere: SNS keeps them better than our memory.</summary>
    public const int Capacity = 1024;

    /// <summary>SNS waits 15 s for its answer.</summary>
    private static readonly TimeSpan CheckedWithin = TimeSpan.FromSeconds(10);

    private readonly Channel<PendingDelivery> _channel = Channel.CreateBounded<PendingDelivery>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>Hands a verified message over and waits until it is safe.</summary>
    /// <returns>Null if it is committed (or was before), else why not.</returns>
    public async Task<Refusal?> AddAsync(Delivery delivery)
    {
        var pending = new PendingDelivery(delivery);
        if (!await TryCheckAsync(pending))
            return Refusal.NotStored;
        if (!_channel.Writer.TryWrite(pending))
            return _channel.Reader.Completion.IsCompleted ? Refusal.Stopping : Refusal.QueueFull;
        return await pending.Answer;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<PendingDelivery> batch = [];
        try
        {
            while (await _channel.Reader.WaitToReadAsync(stoppingToken))
            {
                batch.Clear();
                while (batch.Count < options.Value.BatchSize && _channel.Reader.TryRead(out var pending))
                    batch.Add(pending);
                await WriteAsync(batch);
            }
        }
        catch (OperationCanceledException)
        {
            // stopping
        }
        finally
        {
            _channel.Writer.Complete();
            while (_channel.Reader.TryRead(out var pending))
                pending.Refuse(Refusal.Stopping);
        }
    }

    /// <summary>Looks for the files that a report speaks of, before it waits for the writer, who is one for all.</summary>
    /// <returns>False if the store does not answer: then the sender keeps the report and sends it again.</returns>
    private async Task<bool> TryCheckAsync(PendingDelivery pending)
    {
        using var patience = new CancellationTokenSource(CheckedWithin);
        try
        {
            pending.Report = await outputs.CheckAsync(pending.Report, patience.Token);
            return true;
        }
        catch (Exception e)
        {
            LogNotChecked(e, pending.Delivery.MessageId);
            return false;
        }
    }

    // A begun batch is finished although the app is stopping: it takes milliseconds, and its senders get a true answer.
    private async Task WriteAsync(List<PendingDelivery> batch)
    {
        try
        {
            await writer.WriteAsync(batch, CancellationToken.None);
        }
        catch (Exception e)
        {
            LogNotWritten(e, batch.Count);
            // What came meanwhile would meet the same, batch after batch, until nobody waits for the answers any more.
            while (_channel.Reader.TryRead(out var pending))
                batch.Add(pending);
        }

        foreach (var pending in batch)
            pending.Refuse(Refusal.NotStored); // changes nothing for those that are answered
    }

    [LoggerMessage(LogLevel.Warning, "The media store does not tell whether the files are there that the delivery {MessageId} speaks of; its sender is told to try again")]
    private partial void LogNotChecked(Exception exception, string messageId);

    [LoggerMessage(LogLevel.Error, "A batch of {Count} deliveries was not written")]
    private partial void LogNotWritten(Exception exception, int count);
}

/// <summary>A verified message and the request that waits for it.</summary>
internal sealed class PendingDelivery(Delivery delivery)
{
    private readonly TaskCompletionSource<Refusal?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Delivery Delivery => delivery;

    /// <summary>What an engine says in it, if it is a notification that we understand. Read by its request: the writer is one for all.</summary>
    public EngineReport? Report { get; set; } = delivery.Type == SnsType.Notification ? DeliveredReports.Read(delivery.Body) : null;

    public Task<Refusal?> Answer => _answer.Task;

    public void Accept() => _answer.TrySetResult(null);

    public void Refuse(Refusal refusal) => _answer.TrySetResult(refusal);
}
