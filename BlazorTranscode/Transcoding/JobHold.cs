using BlazorTranscode.Storage;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// What keeps every job waiting, if anything does: the engine or the media store as a whole. It is looked at once for all jobs, so an
/// outage costs nothing for each job that waits.
/// </summary>
internal sealed class JobHold(ITranscoder transcoder, StorageHealth storage, StoreOwnership ownership)
{
    private HoldReason? _seen;

    /// <summary>Raised when <see cref="Reason"/> was seen to be another than before.</summary>
    public event Action? Changed;

    /// <summary>Whether another job may be begun. An engine may let one through while there is still a reason, to see whether it works again.</summary>
    public bool Admits => storage.IsAvailable && ownership.IsOurs && transcoder.Admits;

    /// <summary>Why jobs wait; null if nothing is in their way.</summary>
    public HoldReason? Reason =>
        storage.Problem is { } trouble ? new("the storage does not answer at the moment", trouble)
        : ownership.Problem is { } problem ? new("the storage has to be looked at by an administrator", $"{problem} Administration, Storage shows what is there.")
        : transcoder.Unavailable is { } why ? new("nothing can be converted at the moment", why)
        : null;

    /// <summary>Compares the reason with the one that was seen before.</summary>
    /// <returns>Whether it has changed.</returns>
    public bool Look()
    {
        var reason = Reason;
        if (Interlocked.Exchange(ref _seen, reason) == reason)
            return false;
        Changed?.Invoke();
        return true;
    }
}

/// <summary>Why jobs wait.</summary>
/// <param name="Words">For the owner of a file, to follow on “Waiting:”.</param>
/// <param name="Operator">For an administrator: sentences that name programs, settings and services.</param>
internal sealed record HoldReason(string Words, string Operator);
