namespace BlazorTranscode.Uploads;

/// <summary>
/// What has arrived of an upload, as checksums: for a browser that was given the file anew, and must not add to the upload of another file.
/// It is the answer to a GET, which tus does not use.
/// </summary>
/// <param name="Offset">How many bytes have arrived.</param>
/// <param name="BlockLength">Bytes of a block; the last one may have fewer.</param>
/// <param name="FirstBlock">The number of the first block that is listed.</param>
/// <param name="Checksums">CRC-32C of each block from there on; null if they are not known and cannot be made any more.</param>
internal sealed record ArrivedBytes(long Offset, int BlockLength, int FirstBlock, IEnumerable<uint>? Checksums)
{
    /// <param name="from">How many bytes the browser knows already to be those of its file.</param>
    public static async Task<IResult> AnswerAsync(Guid id, HttpContext http, UploadIntake intake, UploadLocks locks, long from = 0)
    {
        var (upload, hold) = await TusEndpoints.TakeAsync(id, http, intake, locks);
        using var held = hold;
        var offset = await intake.OffsetAsync(upload, http.RequestAborted);
        if (offset == upload.Length)
        {
            await intake.FinishAsync(upload, CancellationToken.None);
            upload = await intake.FindAsync(upload.OwnerId, id, http.RequestAborted);
        }

        var checksums = await intake.ChecksumsOfAsync(upload, offset, http.RequestAborted);
        var first = (int)(Math.Clamp(from, 0, offset) / UploadChecksums.BlockLength);
        return Results.Json(new ArrivedBytes(offset, UploadChecksums.BlockLength, first, checksums?.Blocks.Skip(first)));
    }
}
