using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;

namespace BlazorTranscode.Storage;

/// <content>Whole objects.</content>
internal sealed partial class S3MediaStore
{
    // Browsers go back to a link that they were redirected to: to seek, after a pause, and to resume a download. Signatures may live seven
    // days, but a link cannot be revoked, and with the credentials of a role it ends with these; the player renews it when it has expired.
    internal static readonly TimeSpan LinkLifetime = TimeSpan.FromHours(6);

    public async Task ImportAsync(string key, string path, CancellationToken cancellationToken)
    {
        var handle = await BeginAsync(key, cancellationToken);
        try
        {
            await using var file = File.OpenRead(path);
            // It waits for memory as long as it takes: what has been converted is not to be made again.
            var taken = await AppendAsync(key, handle, 0, PipeReader.Create(file), file.Length, Timeout.InfiniteTimeSpan, cancellationToken);
            if (taken != file.Length)
                throw new IOException($"Only {taken} of {file.Length} bytes of {path} could be read.");
            await CompleteAsync(key, handle, file.Length, cancellationToken);
        }
        catch
        {
            using var patience = new CancellationTokenSource(PutAwayWithin);
            await AbortAsync(key, handle, patience.Token);
            throw;
        }

        File.Delete(path);
    }

    public async Task<Stream> OpenAsync(string key, CancellationToken cancellationToken)
    {
        var found = await _bucket.FindAsync(MediaKey.Check(key), cancellationToken) ?? throw NotFound(key);
        return new S3ObjectStream(_bucket, key, found.ETag, found.ContentLength, time);
    }

    public async Task<string> FetchAsync(string key, string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, Path.GetFileName(key));
        await using var source = await OpenAsync(key, cancellationToken);
        await using var file = File.Create(path);
        await source.CopyToAsync(file, 128 * 1024, cancellationToken);
        return path;
    }

    public Uri? DownloadLink(string key, string fileName, string contentType, bool inline)
    {
        var disposition = new ContentDispositionHeaderValue(inline ? "inline" : "attachment");
        disposition.SetHttpFileName(string.Concat(fileName.Where(c => !char.IsControl(c))));
        return _bucket.Link(key, disposition, contentType, time.GetUtcNow() + LinkLifetime);
    }

    public string? Origin => _bucket.Origin;

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => _bucket.DeleteAsync(MediaKey.Check(key), cancellationToken);

    public IAsyncEnumerable<StoredObject> ListAsync(CancellationToken cancellationToken) =>
        _bucket.ListAsync("", cancellationToken).Where(o => o.Key != Mark
            && !o.Key.StartsWith(Unfinished, StringComparison.Ordinal) && !o.Key.StartsWith(S3SelfTest.Prefix, StringComparison.Ordinal));

    public IAsyncEnumerable<UnfinishedObject> ListUnfinishedAsync(CancellationToken cancellationToken) =>
        _bucket.ListUnfinishedAsync("", cancellationToken).Where(o => MediaKey.IsKey(o.Key));

    public async Task<long?> LengthAsync(string key, CancellationToken cancellationToken) =>
        (await _bucket.FindAsync(MediaKey.Check(key), cancellationToken))?.ContentLength;

    public Task<StorageProblem?> LookAsync(bool isThorough, CancellationToken cancellationToken) =>
        new S3SelfTest(_bucket, time).RunAsync(isThorough, cancellationToken);

    private static FileNotFoundException NotFound(string key) => new($"The S3 store has no object {key}.");
}
