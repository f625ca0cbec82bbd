namespace BlazorTranscode.Uploads;

/// <summary>
/// One writer for each upload, and few for each person. A writer whose connection is silent loses its place to another one of the same
/// upload; while it is not silent, the second is refused at once instead of waiting with a body in hand.
/// </summary>
internal sealed class UploadLocks(TimeProvider time)
{
    /// <summary>Requests of one person that send at the same time. A browser's tab has three; in S3 mode each of them takes a buffer of 8 MiB.</summary>
    public const int MostPerPerson = 4;

    /// <summary>How long a writer may take to put away what it has and leave.</summary>
    private static readonly TimeSpan HandoverWithin = TimeSpan.FromSeconds(10);

    private readonly Lock _sync = new();
    private readonly Dictionary<Guid, UploadHold> _held = [];

    /// <summary>The lock until it is disposed, or null if it is taken.</summary>
    public IDisposable? TryTake(Guid uploadId) => Take(uploadId, null, out _);

    /// <summary>The lock for a request of this person, whose upload it must be. A silent writer is ended, and the lock waits until it has left.</summary>
    /// <exception cref="UploadRefusedException">Another writer has it and is not silent, or this person sends too much at once.</exception>
    public async Task<UploadHold> TakeAsync(Guid uploadId, string ownerId, CancellationToken cancellationToken)
    {
        if (Take(uploadId, ownerId, out var present) is { } hold)
            return hold;
        if (present!.UntilSilent is var wait && wait > TimeSpan.Zero)
            throw Busy(wait);
        present.GiveUp();
        try
        {
            await present.Left.WaitAsync(HandoverWithin, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw Busy(HandoverWithin);
        }

        return Take(uploadId, ownerId, out _) ?? throw Busy(UploadHold.SilentAfter);
    }

    public void Leave(UploadHold hold)
    {
        lock (_sync)
            _held.Remove(hold.UploadId);
    }

    private UploadHold? Take(Guid uploadId, string? ownerId, out UploadHold? present)
    {
        lock (_sync)
        {
            if (_held.TryGetValue(uploadId, out present))
                return null;
            if (ownerId is not null && _held.Values.Count(other => other.OwnerId == ownerId) >= MostPerPerson)
            {
                throw new UploadRefusedException(
                    StatusCodes.Status429TooManyRequests, $"You are sending {MostPerPerson} files at once. This one waits until one of them has ended.", TimeSpan.FromSeconds(2));
            }

            return _held[uploadId] = new(this, uploadId, ownerId, time);
        }
    }

    private static UploadRefusedException Busy(TimeSpan wait) =>
        new(StatusCodes.Status423Locked, "Another connection is sending this file at the moment.", wait);
}
