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
        try
        {
            Delete(new(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What counts is what is left.
        }

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
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo inner)
                Delete(inner);
            else
                entry.Delete();
        }

        folder.Delete();
    }
}
