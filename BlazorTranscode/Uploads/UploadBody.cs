using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace BlazorTranscode.Uploads;

/// <summary>A request's body on its way into the store: it tells the lock when it waits for bytes, and takes the checksums of those that are taken.</summary>
/// <param name="checksums">Those of what lies before this body; null where they are not known.</param>
internal sealed class UploadBody(PipeReader body, UploadHold hold, UploadChecksums? checksums) : PipeReader
{
    private ReadOnlySequence<byte> _read;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // A gigabyte takes 250,000 reads.
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        hold.BeginToWait();
        try
        {
            // The token is not passed on, because Kestrel takes a read that a token has ended for one that still runs, and logs an error when
            // the request ends.
            await using var cancelled = cancellationToken.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), body);
            var result = await body.ReadAsync(CancellationToken.None);
            if (result.IsCanceled)
            {
                body.AdvanceTo(result.Buffer.Start);
                cancellationToken.ThrowIfCancellationRequested();
            }

            _read = result.Buffer;
            return result;
        }
        finally
        {
            hold.EndToWait();
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        var any = body.TryRead(out result);
        _read = any ? result.Buffer : default;
        return any;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (checksums is not null)
        {
            foreach (var piece in _read.Slice(_read.Start, consumed))
                checksums.Add(piece.Span);
        }

        _read = default;
        body.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);
}
