namespace BlazorTranscode.Data;

/// <summary>
/// Folders of work that is over. A decoder that was taken over may have left anything in them: links, names without end, folders that may
/// not be entered.
/// </summary>
internal static class ScratchFolder
{
    private const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Deletes the folder with all that is in it; follows no link and throws nothing.</summary>
    /// <returns>False if some of it is still there.</returns>
    public static bool TryDelete(string folder)
    {
        Try(() => Delete(new(folder)));
        return !Path.Exists(folder) && new FileInfo(folder).LinkTarget is null;
    }

    private static void Delete(DirectoryInfo folder)
    {
        if (!folder.Exists || folder.LinkTarget is not null)
        {
            File.Delete(folder.FullName);
            return;
        }

        // Without these rights nothing in it can be seen or removed. A folder's owner may always take them back.
        if (!OperatingSystem.IsWindows())
            folder.UnixFileMode = Ours;
        // What cannot go must not keep the rest.
        foreach (var entry in folder.EnumerateFileSystemInfos())
            Try(entry is DirectoryInfo inner ? () => Delete(inner) : entry.Delete);
        folder.Delete();
    }

    private static void Try(Action delete)
    {
        try
        {
            delete();
        }
        // The last is .NET's for a path that is longer than the system allows.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // What counts is what is left.
        }
    }
}
