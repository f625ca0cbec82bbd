using System.Text.RegularExpressions;
using BlazorTranscode.Data;

namespace BlazorTranscode.Storage;

/// <content>Whole objects, and where everything lies.</content>
internal sealed partial class LocalMediaStore
{
    public Task<Stream> OpenAsync(string key, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(new FileStream(Existing(key), new FileStreamOptions
        {
            Share = FileShare.Read | FileShare.Delete, Options = FileOptions.Asynchronous, BufferSize = 0,
        }));

    public Task<string> FetchAsync(string key, string folder, CancellationToken cancellationToken) => Task.FromResult(Existing(key));

    public bool FetchCopies => false;

    public Uri? DownloadLink(string key, string fileName, string contentType, bool inline) => null;

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var path = ObjectOf(key);
        if (!File.Exists(path))
            return Task.CompletedTask;
        File.Delete(path);
        // The folders of a job's outputs go with the last of them. The first level (sources, renditions) is everybody's and stays.
        var shared = Path.Combine(_objects, key.Split('/')[0]);
        for (var folder = Path.GetDirectoryName(path)!; folder.Length > shared.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (Directory.EnumerateFileSystemEntries(folder).Any())
                break;
            Directory.Delete(folder);
        }

        return Task.CompletedTask;
    }

    public IAsyncEnumerable<StoredObject> ListAsync(CancellationToken cancellationToken) =>
        FilesIn(_objects).Where(file => MediaKey.IsKey(file.Name)).Select(file => new StoredObject(file.Name, file.Modified, file.Length)).ToAsyncEnumerable();

    public IAsyncEnumerable<UnfinishedObject> ListUnfinishedAsync(CancellationToken cancellationToken) =>
        FilesIn(_incoming).Where(file => PartName.IsMatch(file.Name)).Select(file =>
        {
            var name = file.Name[..^PartEnd.Length];
            var dot = name.LastIndexOf('.');
            return new UnfinishedObject(name[..dot], name[(dot + 1)..], file.Modified, file.Length);
        }).ToAsyncEnumerable();

    [GeneratedRegex(@"\A.+\.[0-9a-f]{32}\.part\z")]
    private static partial Regex PartName { get; }

    /// <summary>Nothing where the folder is gone: a disk that is not mounted shows none.</summary>
    private static IEnumerable<(string Name, DateTimeOffset Modified, long Length)> FilesIn(string folder) => !Directory.Exists(folder)
        ? []
        : new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
            .Select(file => (Path.GetRelativePath(folder, file.FullName).Replace('\\', '/'), (DateTimeOffset)file.LastWriteTimeUtc, file.Length));

    private string Existing(string key) =>
        File.Exists(ObjectOf(key)) ? ObjectOf(key)
        // A disk that is not mounted has lost nothing.
        : !Directory.Exists(_objects) || !Directory.Exists(_incoming) ? throw new StorageUnavailableException($"The media folder {_root} is not there: is its disk mounted?")
        : throw new FileNotFoundException($"The store has no object {key}.");

    private string ObjectOf(string key) => Inside(_objects, MediaKey.Check(key));

    private string PartOf(string key, string handle) => Guid.TryParseExact(handle, "N", out var id)
        ? Inside(_incoming, $"{MediaKey.Check(key)}.{id:N}{PartEnd}")
        : throw new ArgumentException("This is not a handle of the local store.", nameof(handle));

    // The pattern of keys allows no way out; this holds even if somebody widens the pattern.
    private static string Inside(string folder, string name)
    {
        var path = Path.GetFullPath(Path.Combine(folder, name));
        return path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new ArgumentException("This key leads out of the store.", nameof(name));
    }

    private void Publish(string part, string key) => WhereRoomIs(() => DurableFile.Publish(part, ObjectOf(key), _root, _time.GetUtcNow()));

    private static void WhereRoomIs(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e) when (StorageFullException.IsFull(e))
        {
            throw new StorageFullException(e);
        }
    }
}
