using System.Runtime.InteropServices;

namespace BlazorTranscode.Storage;

/// <summary>Tells which disk a folder lies on. .NET does not.</summary>
internal static class Disk
{
    private const int CurrentFolder = -100;

    /// <summary>
    /// A number that two folders share exactly if they lie on one disk. Elsewhere than on Linux all folders count as on one.
    /// </summary>
    /// <exception cref="IOException">There is no such folder.</exception>
    public static ulong Of(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        var answer = new Answer();
        return Ask(CurrentFolder, folder, 0, 0, ref answer) == 0
            ? ((ulong)answer.Major << 32) | answer.Minor
            : throw new IOException($"Cannot find out the disk of {folder}: error {Marshal.GetLastPInvokeError()}.");
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int Ask(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, ref Answer answer);

    // struct statx of the kernel, which is the same on every processor, unlike struct stat.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Answer
    {
        [FieldOffset(136)] public uint Major;
        [FieldOffset(140)] public uint Minor;
    }
}
