using System.Runtime.InteropServices;

namespace BlazorTranscode.Data;

/// <summary>What it takes for a file to be there after a power cut: its bytes, and the names that lead to it.</summary>
internal static class DurableFile
{
    /// <summary>
    /// Puts a written file under its final path: flush, rename, flush the folders down from <paramref name="root"/>. Until the rename
    /// nobody sees it; after the return nobody loses it.
    /// </summary>
    /// <param name="modified">The age it will show; the rename alone would keep that of the last byte.</param>
    public static void Publish(string from, string to, string root, DateTimeOffset modified)
    {
        using (var file = File.OpenHandle(from, FileMode.Open, FileAccess.ReadWrite))
        {
            File.SetLastWriteTimeUtc(file, modified.UtcDateTime);
            RandomAccess.FlushToDisk(file);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Move(from, to, overwrite: true);
        for (var folder = Path.GetDirectoryName(to)!; folder.Length >= root.Length; folder = Path.GetDirectoryName(folder)!)
            FlushFolder(folder);
    }

    /// <summary>Puts a written file of the same folder under its final path: flush, rename, flush the folder.</summary>
    /// <exception cref="IOException">There is a file of that name already.</exception>
    public static void Publish(string from, string to)
    {
        using (var file = File.OpenHandle(from, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.FlushToDisk(file);
        File.Move(from, to, overwrite: false);
        FlushFolder(Path.GetDirectoryName(to)!);
    }

    /// <summary>A rename is only in memory until its folder is flushed, and .NET cannot open a folder. Windows does without.</summary>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var folder = Open(path, 0);
        if (folder < 0)
            throw new IOException($"Cannot open the folder {path}: error {Marshal.GetLastPInvokeError()}.");
        var result = Flush(folder);
        var error = Marshal.GetLastPInvokeError();
        _ = Close(folder);
        if (result != 0)
            throw new IOException($"Cannot flush the folder {path}: error {error}.", error);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Flush(int file);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int file);
}
