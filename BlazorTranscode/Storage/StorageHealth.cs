namespace BlazorTranscode.Storage;

/// <summary>Whether the media store can be used.</summary>
internal sealed class StorageHealth(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long _doubtedAt = long.MinValue;

    public bool IsAvailable => Interlocked.Read(ref _doubtedAt) == long.MinValue || time.GetElapsedTime(Interlocked.Read(ref _doubtedAt)) > Pause;

    /// <summary>Something that used the store failed.</summary>
    public void Doubt(Exception trouble) => Interlocked.Exchange(ref _doubtedAt, time.GetTimestamp());
}
