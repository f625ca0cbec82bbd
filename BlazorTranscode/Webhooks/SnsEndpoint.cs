using System.Buffers;
using System.Data.Common;
using System.IO.Pipelines;
using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// The most exposed door: reads one SNS message, checks it, and answers 200 only after its effect is safe on disk. The answers are
/// constant texts; why something was refused is for the log and the administrator.
/// </summary>
internal sealed class SnsEndpoint(
    SnsVerifier verifier, Subscriptions subscriptions, DeliveryQueue queue, RefusedDeliveries refused, WebhookGate gate,
    IDbContextFactory<AppDbContext> databases, TimeProvider time)
{
    public const string Path = "/webhooks/sns";

    /// <summary>The largest body in bytes. SNS takes 256 KiB of message, and escaping it in JSON may blow it up.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>How long the body of a request may take to arrive.</summary>
    public static readonly TimeSpan BodyTime = TimeSpan.FromSeconds(10);

    public async Task HandleAsync(HttpContext context)
    {
        if (verifier.Topics.Count == 0)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        try
        {
            var refusal = await ReceiveAsync(context.Request, context.RequestAborted);
            if (refusal is { } reason)
                refused.Add(reason, RemoteAddress(context.Request));
            await AnswerAsync(context.Response, refusal);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // it has hung up
        }
    }

    private async Task<Refusal?> ReceiveAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (CheckHeaders(request) is { } early)
            return early;
        var network = VisitorNetwork.Of(request.HttpContext.Connection.RemoteIpAddress);
        SnsEnvelope envelope;
        // Until it is known to be genuine; how many genuine ones wait for the database the queue decides.
        using (var place = await gate.EnterAsync(network, cancellationToken))
        {
            if (!place.IsAcquired)
                return Refusal.Busy;
            var (unfit, read) = await ReadAsync(request, cancellationToken);
            if (unfit is not null)
                return unfit;
            envelope = read!;
            CrashPoint.Pass("delivery-read");
            var type = request.Headers["x-amz-sns-message-type"];
            if (type.Count > 0 && type != envelope.Type.ToString())
                return Refusal.UnknownType;
            if (await verifier.CheckAsync(envelope, network, cancellationToken) is { } refusal)
                return refusal;
        }

        return await TakeAsync(envelope, RemoteAddress(request), cancellationToken);
    }

    private static async Task<(Refusal?, SnsEnvelope?)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(BodyTime);
        try
        {
            var body = await request.BodyReader.ReadAtLeastAsync(MaxBytes + 1, patience.Token);
            return (Read(body, request.BodyReader, out var envelope), envelope);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            request.HttpContext.Response.Headers.Connection = "close"; // What is still to come belongs to no request.
            return (Refusal.TooSlow, null);
        }
        catch (IOException e)
        {
            return ((e as BadHttpRequestException)?.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => Refusal.TooLarge,
                StatusCodes.Status400BadRequest => Refusal.Malformed,
                _ => Refusal.TooSlow, // or it has hung up, and nobody reads the answer
            }, null);
        }
    }

    /// <summary>What the headers alone decide. They are not signed, so they can only refuse.</summary>
    private static Refusal? CheckHeaders(HttpRequest request) => request switch
    {
        _ when !HttpMethods.IsPost(request.Method) => Refusal.NotPost,
        _ when request.Headers.ContentEncoding.Count > 0 => Refusal.Encoded,
        _ when request.Headers["x-amz-sns-rawdelivery"].Any(v => string.Equals(v, "true", StringComparison.OrdinalIgnoreCase)) => Refusal.RawDelivery,
        _ when request.ContentLength > MaxBytes => Refusal.TooLarge,
        _ => null,
    };

    /// <summary>Reads from the server's own memory and gives it back, fit or not: a reader left in the middle would cost the connection.</summary>
    private static Refusal? Read(ReadResult body, PipeReader reader, out SnsEnvelope? envelope)
    {
        envelope = null;
        try
        {
            var bytes = body.Buffer;
            return bytes.Length > MaxBytes ? Refusal.TooLarge : SnsEnvelope.Read(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray(), out envelope);
        }
        finally
        {
            reader.AdvanceTo(body.Buffer.End);
        }
    }

    private async Task<Refusal?> TakeAsync(SnsEnvelope envelope, string? remoteAddress, CancellationToken cancellationToken)
    {
        var delivery = Delivery.Of(envelope, time.GetUtcNow(), remoteAddress);
        if (envelope.Type == SnsType.UnsubscribeConfirmation)
            delivery.Outcome = DeliveryOutcome.Unsubscribed;
        // A replayed offer is not taken up again: its subscription may have been ended on purpose since.
        if (envelope.Type == SnsType.SubscriptionConfirmation)
        {
            if (await IsKnownAsync(delivery, cancellationToken) is not { } isKnown)
                return Refusal.NotStored;
            if (isKnown)
                return await queue.AddAsync(delivery);
            if (await subscriptions.ConfirmAsync(envelope, cancellationToken) is not { } outcome)
                return Refusal.NotConfirmed;
            delivery.Outcome = outcome;
        }

        return await queue.AddAsync(delivery);
    }

    /// <summary>Whether it has come before; null if the database cannot say now.</summary>
    private async Task<bool?> IsKnownAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            return await db.Deliveries.AnyAsync(d => d.SentAt == delivery.SentAt && d.MessageId == delivery.MessageId && d.TopicArn == delivery.TopicArn, cancellationToken);
        }
        catch (DbException)
        {
            return null;
        }
    }

    public static Task AnswerAsync(HttpResponse response, Refusal? refusal)
    {
        response.StatusCode = refusal?.StatusCode() ?? StatusCodes.Status200OK;
        response.ContentType = "text/plain";
        response.Headers.CacheControl = "no-store";
        if (response.StatusCode == StatusCodes.Status405MethodNotAllowed)
            response.Headers.Allow = HttpMethods.Post;
        if (response.StatusCode == StatusCodes.Status503ServiceUnavailable)
            response.Headers.RetryAfter = "5";
        var text = response.StatusCode switch
        {
            StatusCodes.Status200OK => "ok\n",
            StatusCodes.Status503ServiceUnavailable => "try again\n",
            _ => "refused\n",
        };
        response.ContentLength = text.Length;
        return response.WriteAsync(text);
    }

    private static string? RemoteAddress(HttpRequest request) => request.HttpContext.Connection.RemoteIpAddress?.ToString();
}
