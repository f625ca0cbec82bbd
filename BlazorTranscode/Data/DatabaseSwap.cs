using System.Globalization;

namespace BlazorTranscode.Data;

/// <summary>
/// Puts another database in the place of the present one. What is to come waits under a name of its own, whole and checked; once it has that
/// name, the swap happens, after a kill at the next start.
/// </summary>
internal static class DatabaseSwap
{
    /// <summary>SQLite's own files beside a database. The log would be played over whatever database lies beside it.</summary>
    public static readonly string[] Ends = ["-journal", "-shm", "-wal", ""];

    /// <summary>Where a database waits to be put in place.</summary>
    public static string Waiting(string database) => $"{database}.restored";

    /// <summary>Sets the present database and its log aside, and puts the waiting one in its place. Only for the process that has the data folder.</summary>
    /// <returns>The name of the one that was there, or null if nothing waited or nothing was there.</returns>
    public static string? Finish(string database)
    {
        var waiting = Waiting(database);
        if (!File.Exists(waiting))
            return null;
        // The same name in each try.
        var aside = $"{database}.replaced-{File.GetLastWriteTimeUtc(waiting).ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture)}";
        foreach (var end in Ends.Where(end => File.Exists(database + end)))
        {
            File.Move(database + end, aside + end, overwrite: false);
            CrashPoint.Pass("setting-aside");
        }

        DurableFile.FlushFolder(Path.GetDirectoryName(database)!);
        File.Move(waiting, database, overwrite: false);
        DurableFile.FlushFolder(Path.GetDirectoryName(database)!);
        return File.Exists(aside) ? aside : null;
    }
}
