using BlazorTranscode.Storage;

namespace BlazorTranscode.Transcoding;

/// <summary>Tells faults of the media store that may pass from those of an engine or a file.</summary>
internal static class StorageFaults
{
    /// <summary>
    /// Numbers of Linux: input or output error, read-only file system, not connected, timed out, no route, stale handle, remote input or
    /// output error.
    /// </summary>
    private static readonly int[] OfTheDisk = [5, 30, 107, 110, 113, 116, 121];

    /// <summary>Whether the store, or the way to it, was at fault for a moment. A missing object and a full store are none of these.</summary>
    public static bool IsPassing(Exception fault) => fault switch
    {
        StorageUnavailableException or HttpRequestException or HttpIOException or UnauthorizedAccessException or DirectoryNotFoundException => true,
        StorageFullException or FileNotFoundException => false,
        IOException io => OfTheDisk.Contains(io.HResult & 0xFFFF),
        _ => false,
    };
}
