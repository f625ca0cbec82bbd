using Microsoft.Extensions.Options;

namespace BlazorTranscode.Data;

/// <summary>
/// The folder of everything that must survive a restart. One process at a time owns it: a second one would take the first one's jobs for
/// abandoned and empty its scratch space.
/// </summary>
internal sealed partial class DataFolder(IOptions<DataOptions> options, ILogger<DataFolder> logger) : IDisposable
{
    private FileStream? _lock;

    /// <summary>Creates what is missing, takes the folder for this process, and empties the scratch space.</summary>
    /// <exception cref="StartRefusedException">The folder cannot be written, or another process has it.</exception>
    public void Open()
    {
        var data = options.Value;
        try
        {
            CreatePrivate(data.Root);
            _lock = Lock(Path.Combine(data.Root, "lock"));
            CreatePrivate(data.Keys);
            CreatePrivate(data.Media);
            if (Directory.Exists(data.Work))
                Directory.Delete(data.Work, recursive: true);
            CreatePrivate(data.Work);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(
                $"The data folder {data.Root} cannot be written ({failure.Message}). Give this user the right to, or name another with Data__Folder.", failure);
        }
    }

    public void Dispose() => _lock?.Dispose();

    /// <summary>The kernel drops the lock when the process ends, however it ends.</summary>
    private FileStream Lock(string path)
    {
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        // EAGAIN on Linux and on macOS, a sharing violation on Windows.
        catch (IOException taken) when (taken.HResult is 11 or 35 or unchecked((int)0x80070020))
        {
            throw new StartRefusedException(
                $"Another BlazorTranscode runs on the data folder {options.Value.Root}. Stop it, or name another folder with Data__Folder.", taken);
        }
    }

    /// <summary>Keys, recordings and password hashes: nobody else on the machine has business here.</summary>
    private void CreatePrivate(string folder)
    {
        Directory.CreateDirectory(folder);
        if (OperatingSystem.IsWindows())
            return;
        try
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (UnauthorizedAccessException)
        {
            // A mounted volume may belong to another user and still be writable.
            LogNotPrivate(logger, folder);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The folder {Folder} belongs to another user, so who may read it cannot be narrowed")]
    private static partial void LogNotPrivate(ILogger logger, string folder);
}
