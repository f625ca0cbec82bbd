using Microsoft.Extensions.Options;

namespace BlazorTranscode.Storage;

/// <summary>
/// One book for everything that takes disk: uploads, fetched sources, outputs and copies reserve their bytes here before they begin. What
/// can be reserved is what the disk has free, less <see cref="StorageOptions.ReserveBytes"/>, less what others have reserved and not yet
/// written. The book is in memory: a job ends with its process, and begun uploads are entered again at start.
/// </summary>
internal sealed class DiskRoom(IOptions<StorageOptions> options)
{
    private readonly Lock _lock = new();
    private readonly HashSet<ReservedRoom> _reserved = [];

    /// <summary>Bytes that the disk of this folder has free, the reserve included.</summary>
    public static long FreeBytes(string folder) =>
        new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;

    /// <summary>
    /// Bytes that the disk of this folder has free beyond the reserve, reserved by others or not; 0 when the reserve is touched.
    /// </summary>
    public long Unused(string folder) => Math.Max(0, FreeBytes(folder) - options.Value.ReserveBytes);

    /// <summary>Bytes on the disk of this folder that can be reserved.</summary>
    public long Unreserved(string folder)
    {
        lock (_lock)
            return UnreservedOn(folder, Disk.Of(folder));
    }

    /// <summary>Sets bytes aside on the disk of this folder until the result is disposed.</summary>
    /// <param name="written">
    /// How many of them have been written so far; without it the caller says so with <see cref="ReservedRoom.Wrote"/>.
    /// </param>
    /// <exception cref="StorageFullException">There are not so many.</exception>
    public ReservedRoom Reserve(string folder, long bytes, Func<long>? written = null)
    {
        var disk = Disk.Of(folder);
        lock (_lock)
        {
            if (UnreservedOn(folder, disk) < bytes)
                throw new StorageFullException();
            return Add(disk, bytes, written);
        }
    }

    /// <summary>Enters what was reserved before this process began, whether or not the disk still has it.</summary>
    public ReservedRoom Restore(string folder, long bytes)
    {
        var disk = Disk.Of(folder);
        lock (_lock)
            return Add(disk, bytes, null);
    }

    internal void Release(ReservedRoom room)
    {
        lock (_lock)
            _reserved.Remove(room);
    }

    private ReservedRoom Add(ulong disk, long bytes, Func<long>? written)
    {
        var room = new ReservedRoom(this, disk, bytes, written);
        _reserved.Add(room);
        return room;
    }

    private long UnreservedOn(string folder, ulong disk)
    {
        // The sum is wider than its parts: announced lengths may be any number.
        Int128 left = Unused(folder);
        foreach (var room in _reserved)
        {
            if (room.Disk == disk)
                left -= room.Outstanding;
        }

        return left > 0 ? (long)left : 0;
    }
}

/// <summary>Bytes of a disk that are set aside in <see cref="DiskRoom"/> until this is disposed.</summary>
internal sealed class ReservedRoom(DiskRoom book, ulong disk, long bytes, Func<long>? written) : IDisposable
{
    private long _written;

    public ulong Disk => disk;

    /// <summary>Bytes that are set aside and not yet written.</summary>
    public long Outstanding => Math.Max(0, bytes - (written?.Invoke() ?? Interlocked.Read(ref _written)));

    /// <summary>So many more of them have been written, and the disk itself counts them from now on.</summary>
    public void Wrote(long count) => Interlocked.Add(ref _written, count);

    public void Dispose() => book.Release(this);
}
