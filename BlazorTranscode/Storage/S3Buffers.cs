using System.Collections.Concurrent;

namespace BlazorTranscode.Storage;

/// <summary>
/// The blocks of 8 MiB in which parts are gathered. There are at most 32 (256 MiB), because a sender may take hours to fill one; who comes
/// after that waits.
/// </summary>
internal sealed class S3Buffers(TimeProvider time) : IDisposable
{
    internal const int Most = 32;

    private const int Spare = 16;

    // The shared pool would keep one for each thread that ever gave one back.
    private readonly ConcurrentBag<byte[]> _spare = [];
    private readonly SemaphoreSlim _places = new(Most);

    /// <exception cref="StorageBusyException">None was given back in time.</exception>
    public async Task<byte[]> TakeAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var clock = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token);
        try
        {
            await _places.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StorageBusyException();
        }

        return _spare.TryTake(out var block) ? block : GC.AllocateUninitializedArray<byte>(S3MediaStore.PartLength);
    }

    public void Return(byte[] block)
    {
        if (_spare.Count < Spare)
            _spare.Add(block);
        _places.Release();
    }

    public void Dispose() => _places.Dispose();
}
