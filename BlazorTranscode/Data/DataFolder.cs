using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Data;

/// <summary>
/// The folder of everything that must survive a restart. One process at a time owns it: a second one would take the first one's jobs for
/// abandoned and empty its scratch space.
/// </summary>
internal sealed partial class DataFolder(IOptions<DataOptions> options, ILogger<DataFolder> logger) : IDisposable
{
    private FileStream? _lock;

    /// <summary>Takes the folder for this process, finishes a restore that was interrupted, creates what is missing, and empties the scratch space.</summary>
    /// <exception cref="StartRefusedException">The folder cannot be written, or another process has it.</exception>
    public void Open()
    {
        Take();
        var data = options.Value;
        WhereItCanBeWritten(() =>
        {
            if (DatabaseSwap.Finish(data.Database) is { } aside)
                LogRestoreFinished(logger, aside);
            CreatePrivate(data.Keys);
            CreatePrivate(data.Media);
            CreatePrivate(data.Work);
        });
        foreach (var job in new DirectoryInfo(data.Work).EnumerateDirectories().Where(folder => JobFolder.IsMatch(folder.Name)))
            Clear(job.FullName);
    }

    /// <summary>Takes the folder for this process, until it ends.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public void Take() => WhereItCanBeWritten(() =>
    {
        CreatePrivate(options.Value.Root);
        _lock = Lock(Path.Combine(options.Value.Root, "lock"));
    });

    /// <summary>Gives the folder back, with all of the database in its one file. Everything that has a connection is disposed before: it was made later.</summary>
    public void Dispose()
    {
        if (_lock is null)
            return;
        try
        {
            SqliteLog.Empty(options.Value);
        }
        catch (SqliteException failure)
        {
            // Nothing is lost: the next start reads the log.
            LogNotEmptied(logger, failure.Message);
        }

        _lock.Dispose();
        _lock = null;
    }

    private void WhereItCanBeWritten(Action act)
    {
        try
        {
            act();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(
                $"The data folder {options.Value.Root} cannot be written ({failure.Message}). Give this user the right to, or name another with Data__Folder.", failure);
        }
    }

    /// <summary>A start does not fail over scratch space: a job gets a folder of its own name with each attempt.</summary>
    private void Clear(string job)
    {
        if (!ScratchFolder.TryDelete(job))
            LogNotCleared(logger, job);
    }

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

    /// <summary>The id of a job and the number of an attempt. Whatever else lies there is not ours.</summary>
    [GeneratedRegex("^[0-9a-f]{32}-[0-9]+$")]
    private static partial Regex JobFolder { get; }

    [LoggerMessage(LogLevel.Warning, "The folder {Folder} belongs to another user, so who may read it cannot be narrowed")]
    private static partial void LogNotPrivate(ILogger logger, string folder);

    [LoggerMessage(LogLevel.Warning, "{Folder} was left by a job and cannot be deleted. Delete it by hand")]
    private static partial void LogNotCleared(ILogger logger, string folder);

    [LoggerMessage(LogLevel.Warning, "A restore that was interrupted is finished. The database that was there is kept as {Path}")]
    private static partial void LogRestoreFinished(ILogger logger, string path);

    [LoggerMessage(LogLevel.Warning, "The database's log was not emptied ({Reason}); copy app.db-wal together with app.db")]
    private static partial void LogNotEmptied(ILogger logger, string reason);
}
