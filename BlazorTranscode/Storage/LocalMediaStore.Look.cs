using System.Runtime.InteropServices;

namespace BlazorTranscode.Storage;

/// <content>Whether the folder is there and can be written. Nothing is written to find out.</content>
internal sealed partial class LocalMediaStore
{
    // W_OK and X_OK: to write into a folder takes both.
    private const int WriteAndSearch = 2 | 1;

    public Task<StorageProblem?> LookAsync(bool isThorough, CancellationToken cancellationToken) =>
        Task.FromResult(new[] { _objects, _incoming }.Select(ProblemOf).FirstOrDefault(problem => problem is not null));

    public Task<long?> LengthAsync(string key, CancellationToken cancellationToken) =>
        Task.FromResult<long?>(new FileInfo(ObjectOf(key)) is { Exists: true, Length: var length } ? length : null);

    private static StorageProblem? ProblemOf(string folder) =>
        !Directory.Exists(folder) ? new($"The media folder {folder} is missing. Is its disk mounted?", "The folder of the media is missing.")
        : !OperatingSystem.IsWindows() && Access(folder, WriteAndSearch) != 0 ? new($"The media folder {folder} cannot be written.", "The folder of the media cannot be written.")
        : null;

    [DllImport("libc", EntryPoint = "access")]
    private static extern int Access([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);
}
