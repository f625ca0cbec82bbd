using System.Text;

namespace BlazorTranscode.Storage;

/// <content>The mark is an object whose name no media key can have.</content>
internal sealed partial class S3MediaStore
{
    private const string Mark = ".blazortranscode-store";

    public async Task<string?> ReadMarkAsync(CancellationToken cancellationToken)
    {
        if (await _bucket.FindAsync(Mark, cancellationToken) is not { } found)
            return null;
        using var reader = new StreamReader(new S3ObjectStream(_bucket, Mark, found.ETag, found.ContentLength, time));
        return await reader.ReadToEndAsync(cancellationToken);
    }

    public Task WriteMarkAsync(string text, CancellationToken cancellationToken) => _bucket.PutAsync(Mark, Encoding.UTF8.GetBytes(text), cancellationToken);
}
