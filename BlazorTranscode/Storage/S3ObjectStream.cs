using Amazon.S3.Model;

namespace BlazorTranscode.Storage;

/// <summary>
/// One object as a seekable stream: a ranged request from where it is read, a new one after a jump. An answer that breaks off, ends
/// early or stands still for 30 seconds is asked for again from where it stopped.
/// </summary>
internal sealed class S3ObjectStream(S3Bucket bucket, string key, string etag, long length, TimeProvider time) : Stream
{
    private const int Tries = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private GetObjectResponse? _answer;
    private long _position;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => length;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            if (value != _position)
                Drop();
            _position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0 || _position >= length)
            return 0;
        for (var attempt = 1; ; attempt++)
        {
            using var clock = new CancellationTokenSource(Patience, time);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token);
            try
            {
                _answer ??= await bucket.ReadAsync(key, etag, _position, length, patience.Token);
                var read = await _answer.ResponseStream.ReadAsync(buffer, patience.Token);
                if (read == 0)
                    throw new EndOfStreamException($"The S3 store ended object {key} at {_position} of {length} bytes.");
                _position += read;
                return read;
            }
            catch (Exception broken) when (attempt < Tries && !cancellationToken.IsCancellationRequested && IsPassing(broken))
            {
                Drop();
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        Drop();
        base.Dispose(disposing);
    }

    private static bool IsPassing(Exception broken) =>
        broken is (IOException or HttpRequestException or OperationCanceledException) and not (FileNotFoundException or StorageUnavailableException);

    private void Drop()
    {
        _answer?.Dispose();
        _answer = null;
    }
}
