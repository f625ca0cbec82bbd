namespace BlazorTranscode.Data;

/// <summary>Folders for work in progress, whose contents were written by programs that are not believed.</summary>
internal static class ScratchFolder
{
    /// <summary>Deletes the folder and all that is in it, whatever rights its contents have. A link is deleted, never followed.</summary>
    /// <exception cref="IOException">Something in it cannot be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">Something in it belongs to another user.</exception>
    public static void Delete(string path)
    {
        var folder = new DirectoryInfo(path);
        if (folder.LinkTarget is not null || File.Exists(path))
            File.Delete(path);
        else if (folder.Exists)
            Delete(folder);
    }

    private static void Delete(DirectoryInfo folder)
    {
        // Without them its contents can be neither listed nor deleted.
        if (!OperatingSystem.IsWindows())
            folder.UnixFileMode |= UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        foreach (var entry in folder.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false }))
        {
            if (entry is DirectoryInfo inner && inner.LinkTarget is null)
                Delete(inner);
            else
                File.Delete(entry.FullName);
        }

        folder.Delete();
    }
}
