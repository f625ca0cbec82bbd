namespace BlazorTranscode.Webhooks;

/// <summary>
/// Why a request was not taken. SNS gives up for good on 4xx and tries again on 5xx, so what may be our own fault must be one of the
/// last group.
/// </summary>
internal enum Refusal
{
    NotPost,
    TooLarge,
    TooSlow,
    Encoded,
    RawDelivery,
    Malformed,
    UnknownType,
    ForeignTopic,
    OutsideWindow,
    SignatureVersion,
    SignatureShape,
    CertificateUrl,
    Signature,

    /// <summary>The signing certificate could not be had, or what was served is not one we may trust.</summary>
    Certificate,

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
    public static int StatusCode(this Refusal refusal) => refusal switch
    {
        Refusal.NotPost => StatusCodes.Status405MethodNotAllowed,
        Refusal.TooLarge => StatusCodes.Status413PayloadTooLarge,
        Refusal.TooSlow => StatusCodes.Status408RequestTimeout,
        Refusal.Encoded => StatusCodes.Status415UnsupportedMediaType,
        Refusal.Malformed or Refusal.UnknownType or Refusal.OutsideWindow or Refusal.SignatureShape => StatusCodes.Status400BadRequest,
        >= Refusal.Certificate => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status403Forbidden,
    };
}
