using System.IO.Pipelines;

namespace BlazorTranscode.Storage;

/// <summary>
/// Bytes at rest, by a generated key (<c>sources/…</c>, <c>renditions/…</c>; see <see cref="MediaKey"/>). An object is visible only when
/// it is whole. A local folder or anything that speaks S3 stands behind it, and nothing above knows which.
/// </summary>
internal interface IMediaStore
{
    /// <summary>Starts an object that arrives in pieces.</summary>
    /// <returns>An opaque handle to be stored and handed back; it survives a restart.</returns>
    /// <exception cref="StorageFullException">No room.</exception>
    Task<string> BeginAsync(string key, CancellationToken cancellationToken);

    /// <summary>As the other, with room for so many bytes set aside until the object is whole or aborted.</summary>
    /// <exception cref="StorageFullException">No room for so many.</exception>
    Task<string> BeginAsync(string key, long length, CancellationToken cancellationToken) => BeginAsync(key, cancellationToken);

    /// <summary>Sets room aside again, after a restart, for what an unfinished object still lacks. Harmless when that was done before.</summary>
    /// <param name="handle">Null if the object was not begun yet.</param>
    void Resume(string key, string? handle, long length)
    {
    }

    /// <summary>
    /// How many bytes of an unfinished object are safe: the offset at which the next piece must start. The whole length once the object
    /// is complete.
    /// </summary>
    /// <exception cref="FileNotFoundException">The store knows neither the handle nor the key: it was aborted, or swept away.</exception>
    Task<long> OffsetAsync(string key, string handle, CancellationToken cancellationToken);

    /// <summary>
    /// Appends from <paramref name="body"/> until it ends or <paramref name="limit"/> bytes were taken; what the body has beyond that
    /// stays in it. When the body breaks, its exception comes through, and what was taken before is kept.
    /// </summary>
    /// <param name="offset">Where the piece starts.</param>
    /// <param name="limit">The most bytes to take: what the object still lacks. A store may keep a remainder only when it makes the object whole.</param>
    /// <returns>The new safe offset; it may lie before the end of the piece.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The offset is not <see cref="OffsetAsync"/>.</exception>
    /// <exception cref="FileNotFoundException">There is no such unfinished object.</exception>
    /// <exception cref="StorageFullException">No room. What was written stays, and the person may continue after making room.</exception>
    Task<long> AppendAsync(string key, string handle, long offset, PipeReader body, long limit, CancellationToken cancellationToken);

    /// <summary>
    /// An unfinished object's bytes from an offset on, to be read again while nothing is appended; null where the store cannot give them
    /// back before the object is whole.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such unfinished object.</exception>
    Task<Stream?> OpenUnfinishedAsync(string key, string handle, long offset, CancellationToken cancellationToken);

    /// <summary>Makes the object durable and then visible under its key. Doing it again after it succeeded changes nothing.</summary>
    /// <param name="length">How many bytes the object must have.</param>
    /// <exception cref="FileNotFoundException">There is neither an unfinished nor a whole object.</exception>
    /// <exception cref="IncompleteObjectException">The store has another number of bytes. What is there stays as it is.</exception>
    Task CompleteAsync(string key, string handle, long length, CancellationToken cancellationToken);

    /// <summary>Throws an unfinished object away; harmless when there is none.</summary>
    Task AbortAsync(string key, string handle, CancellationToken cancellationToken);

    /// <summary>Moves a finished local file into the store, overwriting what is under the key. The file is gone afterwards.</summary>
    /// <exception cref="StorageFullException">No room.</exception>
    Task ImportAsync(string key, string path, CancellationToken cancellationToken);

    /// <summary>How many bytes the object has, or null if there is none. It is the look that proves that an object is there.</summary>
    Task<long?> LengthAsync(string key, CancellationToken cancellationToken);

    /// <summary>A seekable stream of the whole object.</summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    Task<Stream> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// The object as a file on this machine: itself where the store is a folder, a copy in <paramref name="folder"/> otherwise. Read only.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    Task<string> FetchAsync(string key, string folder, CancellationToken cancellationToken);

    /// <summary>Whether <see cref="FetchAsync"/> makes a copy, for which the caller reserves room in <see cref="DiskRoom"/>.</summary>
    bool FetchCopies => true;

    /// <summary>
    /// A link that lets a browser fetch the object straight from the store for some hours, under this name and type; null where the
    /// store has no address of its own and the bytes must go through the app. Nothing is asked: the object may be missing.
    /// </summary>
    Uri? DownloadLink(string key, string fileName, string contentType, bool inline);

    /// <summary>Where those links lead, as scheme and host, so that pages may be allowed to play from there; null where there are none.</summary>
    string? Origin => null;

    /// <summary>Removes the object; harmless when there is none.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>All whole objects with age and size, to find those that no row knows. The mark is none of them.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(CancellationToken cancellationToken);

    /// <summary>All unfinished objects with their age, to find those that no row knows.</summary>
    IAsyncEnumerable<UnfinishedObject> ListUnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>The text that says which database this store belongs to; null if it was never marked.</summary>
    Task<string?> ReadMarkAsync(CancellationToken cancellationToken);

    /// <summary>Writes that text over what is there.</summary>
    /// <exception cref="StorageFullException">No room.</exception>
    Task WriteMarkAsync(string text, CancellationToken cancellationToken);

    /// <summary>Looks whether the store can be used; null if it can. Only a fault that nobody expects comes out as an exception.</summary>
    /// <param name="isThorough">Try everything that the app needs of the store, instead of asking whether it is there.</param>
    Task<StorageProblem?> LookAsync(bool isThorough, CancellationToken cancellationToken);

    /// <summary>
    /// Bytes that can still be stored: neither used nor set aside for others, 0 when the reserve is touched. Null where the store knows no
    /// limit.
    /// </summary>
    long? FreeSpace { get; }
}

/// <summary>One whole object in the store.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Modified">When it became visible.</param>
/// <param name="Length">Size in bytes.</param>
internal sealed record StoredObject(string Key, DateTimeOffset Modified, long Length);

/// <summary>One object that is still arriving, or was left behind.</summary>
/// <param name="Key">The key it is meant for.</param>
/// <param name="Handle">What <see cref="IMediaStore.BeginAsync(string, CancellationToken)"/> gave out.</param>
/// <param name="Modified">When something was last written to it, as far as the store knows.</param>
/// <param name="Length">Size in bytes; null where only a request for each of them would tell.</param>
internal sealed record UnfinishedObject(string Key, string Handle, DateTimeOffset Modified, long? Length);

/// <summary>The store has no room left. The message is a sentence for the person.</summary>
internal sealed class StorageFullException(Exception? inner = null)
    : IOException("The server has no room left for files. What has arrived is kept; try again when room has been made.", inner)
{
    /// <summary>Whether that is what an error means: ENOSPC and EDQUOT, which .NET passes on as they are, and Windows' words for the first.</summary>
    public static bool IsFull(IOException e) => e is StorageFullException || (e.HResult & 0xFFFF) is 28 or 122 or 112;
}

/// <summary>The store shows another number of bytes than it has taken, so the object was not completed. Trying again may help.</summary>
internal sealed class IncompleteObjectException(string key, long found, long length)
    : IOException($"The media store shows {found} bytes of {key} instead of {length}, so it was not completed.");
