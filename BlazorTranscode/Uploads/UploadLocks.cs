using System.Collections.Concurrent;

namespace BlazorTranscode.Uploads;

/// <summary>One writer per upload. Who comes second is told so at once instead of waiting with a body in hand.</summary>
internal sealed class UploadLocks
{
    private readonly ConcurrentDictionary<Guid, bool> _held = new();

    /// <summary>The lock until it is disposed, or null if somebody has it.</summary>
    public IDisposable? TryTake(Guid uploadId) => _held.TryAdd(uploadId, true) ? new Hold(this, uploadId) : null;

    private sealed class Hold(UploadLocks locks, Guid uploadId) : IDisposable
    {
        public void Dispose() => locks._held.TryRemove(uploadId, out _);
    }
}
