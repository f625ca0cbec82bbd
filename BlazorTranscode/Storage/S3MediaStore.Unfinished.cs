namespace BlazorTranscode.Storage;

/// <content>Bytes of an object that is still arriving.</content>
internal sealed partial class S3MediaStore
{
    /// <summary>S3 gives no part back before all are joined. What lies beyond the last part is an object of its own.</summary>
    public async Task<Stream?> OpenUnfinishedAsync(string key, string handle, long offset, CancellationToken cancellationToken)
    {
        var start = (await _bucket.PartsAsync(MediaKey.Check(key), handle, cancellationToken)).Sum(p => p.Size ?? 0);
        if (offset < start || await _bucket.FindAsync(TailKey(key, start), cancellationToken) is not { } tail)
            return null;
        return new S3ObjectStream(_bucket, TailKey(key, start), tail.ETag, tail.ContentLength, time) { Position = offset - start };
    }
}
