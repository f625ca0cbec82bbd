namespace BlazorTranscode.Transcoding;

/// <summary>What must be seen of an engine before jobs go to it again; each proves more than the one before.</summary>
internal enum EngineProof
{
    /// <summary>That it answers a question.</summary>
    Answer,

    /// <summary>That it takes an order: whoever may ask may not always order.</summary>
    Order,

    /// <summary>That it has worked on an order: it may take what it cannot read or write.</summary>
    Work,
}

/// <summary>
/// Whether jobs go to an engine elsewhere. It is closed with a reason; once the engine answers again, one job is let through, and only what
/// was in doubt, seen to work, opens it for all. One that only asked questions would open and close for ever.
/// </summary>
/// <param name="reason">Why it is closed at first.</param>
internal sealed class EngineGate(TimeProvider time, string reason)
{
    /// <summary>A job that was let through may be cancelled, or take hours: then another is.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private string? _reason = reason;
    private EngineProof _needed;
    private Stage _stage;
    private long _triedAt;

    private enum Stage
    {
        Closed,
        OneMayTry,
        OneTries,
    }

    /// <summary>Why jobs wait, as a sentence for an administrator; null while it is open.</summary>
    public string? Reason => Volatile.Read(ref _reason);

    /// <summary>Whether <see cref="TryEnter"/> would let a job through.</summary>
    public bool Admits
    {
        get
        {
            lock (_lock)
                return MayEnter();
        }
    }

    /// <summary>Lets a job through, unless it is closed, or another job is being tried.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (!MayEnter())
                return false;
            if (_reason is not null)
                (_stage, _triedAt) = (Stage.OneTries, time.GetTimestamp());
            return true;
        }
    }

    /// <summary>A job that was let through has shown nothing, neither good nor bad.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (_stage is Stage.OneTries)
                _stage = Stage.OneMayTry;
        }
    }

    /// <summary>Closes it.</summary>
    /// <param name="why">For an administrator.</param>
    /// <param name="needed">What opens it again, if nothing more was needed before.</param>
    /// <returns>Whether the reason is a new one.</returns>
    public bool Close(string why, EngineProof needed)
    {
        lock (_lock)
        {
            if (_reason is null || needed > _needed)
                _needed = needed;
            _stage = Stage.Closed;
            var isNew = _reason != why;
            _reason = why;
            return isNew;
        }
    }

    /// <summary>The engine has shown something good.</summary>
    /// <returns>Whether that opened it.</returns>
    public bool Prove(EngineProof proof)
    {
        lock (_lock)
        {
            if (_reason is null)
                return false;
            if (proof < _needed)
            {
                if (_stage is Stage.Closed)
                    _stage = Stage.OneMayTry;
                return false;
            }

            // A job that was placed before the trouble began shows nothing about orders.
            if (proof is EngineProof.Work && _needed is EngineProof.Order)
                return false;
            (_reason, _needed, _stage) = (null, EngineProof.Answer, Stage.Closed);
            return true;
        }
    }

    private bool MayEnter() =>
        _reason is null || _stage is Stage.OneMayTry || (_stage is Stage.OneTries && time.GetElapsedTime(_triedAt) > Patience);
}
