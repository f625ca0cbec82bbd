namespace BlazorTranscode.Webhooks;

/// <summary>
/// Why a request was not taken. SNS gives up for good on 4xx and tries again on 5xx, so only what is certainly not genuine, or not made
/// as SNS makes it, is refused with 4xx; what may be our own fault is one of the last group.
/// </summary>
internal enum Refusal
{
    NotPost,
    TooLarge,
    Encoded,
    RawDelivery,
    Malformed,
    UnknownType,
    ForeignTopic,
    SignatureVersion,
    SignatureShape,
    CertificateUrl,

    /// <summary>The host of SNS served a certificate that is not one for messages: another name, another key, or not valid when the message was sent.</summary>
    CertificateUnfit,

    Signature,

    /// <summary>The signing certificate could not be fetched.</summary>
    Certificate,

    /// <summary>It is genuine, but by our clock too old or not sent yet.</summary>
    OutsideWindow,

    /// <summary>It came under a host name that is not among ours.</summary>
    UnknownHost,

    /// <summary>The body did not come in time.</summary>
    TooSlow,

    /// <summary>Too many requests are being read.</summary>
    Busy,

    /// <summary>The database did not take it.</summary>
    NotStored,

    /// <summary>More deliveries are waiting than we keep in memory.</summary>
    QueueFull,

    /// <summary>The app is stopping.</summary>
    Stopping,

    /// <summary>The endpoint that confirms subscriptions did not answer.</summary>
    NotConfirmed,
}

internal static class Refusals
{
    /// <summary>Whether the same message may be taken later.</summary>
    public static bool MayPass(this Refusal refusal) => refusal >= Refusal.Certificate;

    public static int StatusCode(this Refusal refusal) => refusal switch
    {
        Refusal.NotPost => StatusCodes.Status405MethodNotAllowed,
        Refusal.TooLarge => StatusCodes.Status413PayloadTooLarge,
        Refusal.Encoded => StatusCodes.Status415UnsupportedMediaType,
        Refusal.Malformed or Refusal.UnknownType or Refusal.SignatureShape => StatusCodes.Status400BadRequest,
        _ when refusal.MayPass() => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status403Forbidden,
    };
}
