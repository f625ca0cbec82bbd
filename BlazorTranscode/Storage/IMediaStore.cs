using System.IO.Pipelines;

namespace BlazorTranscode.Storage;

/// <summary>
/// Bytes at rest, by a generated key (<c>sources/…</c>, <c>renditions/…</c>). An object is visible only when it is whole. A local folder
/// or anything that speaks S3 stands behind it, and nothing above knows which.
/// </summary>
internal interface IMediaStore
{
    /// <summary>Starts an object that arrives in pieces.</summary>
    /// <returns>An opaque handle to be stored and handed back; it survives a restart.</returns>
    Task<string> BeginAsync(string key, CancellationToken cancellationToken);

    /// <summary>How many bytes of an unfinished object are safe: the offset at which the next piece must start.</summary>
    Task<long> OffsetAsync(string key, string handle, CancellationToken cancellationToken);

    /// <summary>
    /// Appends from <paramref name="body"/> until it ends, <paramref name="limit"/> bytes were taken or the connection breaks. What was
    /// taken before a break is kept.
    /// </summary>
    /// <param name="offset">Where the piece starts; must equal <see cref="OffsetAsync"/>.</param>
    /// <param name="limit">The most bytes to take: what the object still lacks. When the object is whole after this piece, it is flushed.</param>
    /// <returns>The new safe offset.</returns>
    /// <exception cref="StorageFullException">No room. What was written stays, and the person may continue after making room.</exception>
    Task<long> AppendAsync(string key, string handle, long offset, PipeReader body, long limit, CancellationToken cancellationToken);

    /// <summary>Makes the object visible under its key. Doing it again after it succeeded changes nothing.</summary>
    Task CompleteAsync(string key, string handle, CancellationToken cancellationToken);

    /// <summary>Throws an unfinished object away; harmless when there is none.</summary>
    Task AbortAsync(string key, string handle, CancellationToken cancellationToken);

    /// <summary>Moves a finished local file into the store, overwriting what is under the key. The file is gone afterwards.</summary>
    Task ImportAsync(string key, string path, CancellationToken cancellationToken);

    /// <summary>A seekable stream of the whole object.</summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    Task<Stream> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// The object as a file on this machine: itself where the store is a folder, a copy in <paramref name="folder"/> otherwise. Read only.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    Task<string> FetchAsync(string key, string folder, CancellationToken cancellationToken);

    /// <summary>
    /// A link that lets a browser fetch the object straight from the store for a few minutes, under this name and type; null where the
    /// store has no address of its own and the bytes must go through the app.
    /// </summary>
    Uri? DownloadLink(string key, string fileName, string contentType, bool inline);

    /// <summary>Removes the object; harmless when there is none.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>Keys of all whole objects with their age, to find those that no row knows.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(CancellationToken cancellationToken);

    /// <summary>Bytes that can still be stored; null where the store knows no limit.</summary>
    long? FreeSpace { get; }
}

/// <summary>One whole object in the store.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Modified">When it became visible.</param>
internal sealed record StoredObject(string Key, DateTimeOffset Modified);

/// <summary>The store has no room left.</summary>
internal sealed class StorageFullException(string message, Exception? inner = null) : IOException(message, inner);
