using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Storage;

/// <summary>
/// The media store in a bucket. An object that arrives in pieces is a multipart upload, whatever the length of the pieces: they are
/// regrouped into parts of 8 MiB, so memory is one part for each upload whose bytes are coming. What a broken piece leaves beyond the last
/// whole part is kept in a small object of its own under <c>unfinished/</c>, so that a person with a bad line gets on too; its name
/// holds the offset at which it starts, which makes one that was overtaken by a part harmless. Nothing is remembered here: any process
/// may take the next piece. S3 takes 10,000 parts, so an object can have 78 GiB.
/// </summary>
internal sealed partial class S3MediaStore(IOptions<StorageOptions> options, TimeProvider time) : IMediaStore, IDisposable
{
    /// <summary>Bytes of each part but the last. S3 asks for at least 5 MiB.</summary>
    internal const int PartLength = 8 * 1024 * 1024;

    private const string Unfinished = "unfinished/";
    private const int Patience = 10;

    // What has arrived is put away even if whoever sent it is gone, but not for ever.
    private static readonly TimeSpan PutAwayWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Lag = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan WaitForBuffer = TimeSpan.FromSeconds(10);

    private readonly S3Buffers _buffers = new(time);
    private readonly S3Bucket _bucket = new(options.Value.S3);

    public long? FreeSpace => null;

    public Task<string> BeginAsync(string key, CancellationToken cancellationToken) => _bucket.BeginAsync(MediaKey.Check(key), cancellationToken);

    public async Task<long> OffsetAsync(string key, string handle, CancellationToken cancellationToken)
    {
        try
        {
            var start = (await _bucket.PartsAsync(MediaKey.Check(key), handle, cancellationToken)).Sum(p => p.Size ?? 0);
            return start + ((await _bucket.FindAsync(TailKey(key, start), cancellationToken))?.ContentLength ?? 0);
        }
        catch (FileNotFoundException)
        {
            // No such multipart upload: the object may be whole already.
            return (await _bucket.FindAsync(key, cancellationToken) ?? throw NotFound(key)).ContentLength;
        }
    }

    public Task<long> AppendAsync(string key, string handle, long offset, PipeReader body, long limit, CancellationToken cancellationToken) =>
        AppendAsync(key, handle, offset, body, limit, WaitForBuffer, cancellationToken);

    private async Task<long> AppendAsync(
        string key, string handle, long offset, PipeReader body, long limit, TimeSpan patienceForBuffer, CancellationToken cancellationToken)
    {
        // Who has announced a piece and sends nothing takes no memory.
        if (limit > 0)
            body.AdvanceTo((await body.ReadAsync(cancellationToken)).Buffer.Start);
        var parts = await _bucket.PartsAsync(MediaKey.Check(key), handle, cancellationToken);
        var (start, number) = (parts.Sum(p => p.Size ?? 0), parts.Count);
        // Only the last part may be short. Amazon's S3 forgets an upload that was joined; others go on taking parts, to no effect.
        if (limit > 0 && start % PartLength != 0)
            throw new FileNotFoundException($"The multipart upload of {key} is whole.");
        var part = await _buffers.TakeAsync(patienceForBuffer, cancellationToken);
        try
        {
            var kept = await ReadTailAsync(TailKey(key, start), part, cancellationToken);
            ArgumentOutOfRangeException.ThrowIfNotEqual(offset, start + kept);
            for (var filled = kept; ;)
            {
                var wanted = (int)Math.Min(PartLength - filled, limit);
                var (read, broken) = await FillAsync(body, part.AsMemory(filled, wanted), cancellationToken);
                filled += read;
                limit -= read;
                using var patience = new CancellationTokenSource(PutAwayWithin);
                if (read == wanted && filled > 0)
                {
                    await _bucket.PutPartAsync(key, handle, ++number, new(part, 0, filled), patience.Token);
                    CrashPoint.Pass("part-stored");
                    (start, filled, kept) = (start + filled, 0, 0);
                }
                else if (filled > kept)
                {
                    await _bucket.PutAsync(TailKey(key, start), new(part, 0, filled), patience.Token);
                }

                broken?.Throw();
                if (read < wanted || limit == 0)
                    return start + filled;
            }
        }
        finally
        {
            _buffers.Return(part);
        }
    }

    public async Task CompleteAsync(string key, string handle, long length, CancellationToken cancellationToken)
    {
        try
        {
            // A part that is not listed would be left out.
            var parts = await AskForAllAsync(
                MediaKey.Check(key), length, () => _bucket.PartsAsync(key, handle, cancellationToken), listed => listed.Sum(p => p.Size ?? 0), cancellationToken);
            await _bucket.JoinAsync(key, handle, parts, cancellationToken);
            CrashPoint.Pass("parts-joined");
        }
        catch (FileNotFoundException) when (!cancellationToken.IsCancellationRequested)
        {
            // No such multipart upload: it was joined before, and the answer was lost on its way to us.
            if (await _bucket.FindAsync(key, cancellationToken) is null)
                throw;
        }

        await AskForAllAsync(key, length, () => _bucket.FindAsync(key, cancellationToken), found => found?.ContentLength ?? 0, cancellationToken);
        await DeleteTailsAsync(key, cancellationToken);
    }

    public async Task AbortAsync(string key, string handle, CancellationToken cancellationToken)
    {
        try
        {
            await _bucket.AbortAsync(MediaKey.Check(key), handle, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            // Aborted or joined before.
        }

        await DeleteTailsAsync(key, cancellationToken);
    }

    public void Dispose()
    {
        _bucket.Dispose();
        _buffers.Dispose();
    }

    /// <summary>Asks until the answer has all bytes: some stores show what they have taken a moment late.</summary>
    private async Task<T> AskForAllAsync<T>(string key, long length, Func<Task<T>> ask, Func<T, long> bytes, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            var answer = await ask();
            if (bytes(answer) == length)
                return answer;
            if (tries == Patience)
                throw new IncompleteObjectException(key, bytes(answer), length);
            await Task.Delay(Lag, time, cancellationToken);
        }
    }

    private static string TailKey(string key, long start) => $"{Unfinished}{key}/{start}";

    private async Task<int> ReadTailAsync(string key, byte[] part, CancellationToken cancellationToken)
    {
        if (await _bucket.FindAsync(key, cancellationToken) is not { } found)
            return 0;
        await using var tail = new S3ObjectStream(_bucket, key, found.ETag, found.ContentLength, time);
        return await tail.ReadAtLeastAsync(part, (int)found.ContentLength, cancellationToken: cancellationToken);
    }

    private async Task DeleteTailsAsync(string key, CancellationToken cancellationToken)
    {
        await foreach (var tail in _bucket.ListAsync($"{Unfinished}{key}/", cancellationToken))
            await _bucket.DeleteAsync(tail.Key, cancellationToken);
    }

    /// <summary>Fills the space. Less than that means that the body has ended, or what broke it off.</summary>
    private static async Task<(int Filled, ExceptionDispatchInfo? Broken)> FillAsync(PipeReader body, Memory<byte> space, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < space.Length)
        {
            ReadResult read;
            try
            {
                read = await body.ReadAsync(cancellationToken);
            }
            catch (Exception broken) when (broken is IOException or OperationCanceledException)
            {
                return (filled, ExceptionDispatchInfo.Capture(broken));
            }

            var taken = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, space.Length - filled));
            taken.CopyTo(space.Span[filled..]);
            filled += (int)taken.Length;
            body.AdvanceTo(taken.End, filled < space.Length ? read.Buffer.End : taken.End);
            if (read.IsCompleted && taken.End.Equals(read.Buffer.End))
                break;
        }

        return (filled, null);
    }
}
