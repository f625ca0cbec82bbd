using System.Buffers;
using System.IO.Pipelines;
using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// The most exposed door: reads one SNS message, checks it, and answers 200 only after its effect is safe on disk. The answers are
/// constant texts; why something was refused is for the log and the administrator.
/// </summary>
internal sealed class SnsEndpoint(
    SnsVerifier verifier, Subscriptions subscriptions, DeliveryQueue queue, RefusedDeliveries refused, IDbContextFactory<AppDbContext> databases, TimeProvider time)
{
    /// <summary>The largest body in bytes. SNS takes 256 KiB of message, and escaping it in JSON may blow it up.</summary>
    public const int MaxBytes = 1024 * 1024;

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
        SnsEnvelope? envelope;
        try
        {
            if (Read(await request.BodyReader.ReadAtLeastAsync(MaxBytes + 1, cancellationToken), request.BodyReader, out envelope) is { } unfit)
                return unfit;
        }
        catch (IOException e)
        {
            return (e as BadHttpRequestException)?.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => Refusal.TooLarge,
                StatusCodes.Status400BadRequest => Refusal.Malformed,
                _ => Refusal.TooSlow, // or it has hung up, and nobody reads the answer
            };
        }

        CrashPoint.Pass("delivery-read");
        var type = request.Headers["x-amz-sns-message-type"];
        if (type.Count > 0 && type != envelope!.Type.ToString())
            return Refusal.UnknownType;
        return await verifier.CheckAsync(envelope!, cancellationToken) ?? await TakeAsync(envelope!, RemoteAddress(request), cancellationToken);
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
        if (envelope.Type == SnsType.SubscriptionConfirmation && !await IsKnownAsync(delivery, cancellationToken))
        {
            if (await subscriptions.ConfirmAsync(envelope, cancellationToken) is not { } outcome)
                return Refusal.NotConfirmed;
            delivery.Outcome = outcome;
        }

        return await queue.AddAsync(delivery);
    }

    private async Task<bool> IsKnownAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Deliveries.AnyAsync(d => d.SentAt == delivery.SentAt && d.MessageId == delivery.MessageId && d.TopicArn == delivery.TopicArn, cancellationToken);
    }

    private static Task AnswerAsync(HttpResponse response, Refusal? refusal)
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
