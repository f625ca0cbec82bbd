using BlazorTranscode.Data;

namespace BlazorTranscode.Storage;

/// <content>The mark is a file beside the folders of the objects.</content>
internal sealed partial class LocalMediaStore
{
    private string Mark => Path.Combine(_root, "store-id");

    public async Task<string?> ReadMarkAsync(CancellationToken cancellationToken) =>
        File.Exists(Mark) ? await File.ReadAllTextAsync(Mark, cancellationToken) : null;

    public async Task WriteMarkAsync(string text, CancellationToken cancellationToken)
    {
        var written = $"{Mark}.new";
        try
        {
            await File.WriteAllTextAsync(written, text, cancellationToken);
        }
        catch (IOException e) when (StorageFullException.IsFull(e))
        {
            throw new StorageFullException(e);
        }

        WhereRoomIs(() => DurableFile.Publish(written, Mark, _root, _time.GetUtcNow()));
    }
}
