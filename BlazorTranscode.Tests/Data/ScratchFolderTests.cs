using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Data;

/// <summary>Folders as a decoder leaves them that was taken over.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ScratchFolderTests : IDisposable
{
    private const int Nobody = 65534;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Delete_FoldersThatMayNotBeEntered_GoAllTheSame()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"scratch-{Guid.NewGuid():N}");

        Assert.True(WithoutRoot(() =>
        {
            Directory.CreateDirectory(Path.Combine(folder, "out/a/b"));
            File.WriteAllText(Path.Combine(folder, "out/a/b/file"), "x");
            foreach (var closed in (string[])["out/a/b/file", "out/a/b", "out/a", "out", ""])
                File.SetUnixFileMode(Path.Combine(folder, closed), UnixFileMode.None);
            return ScratchFolder.TryDelete(folder);
        }));
        Assert.False(Path.Exists(folder));
    }

    [Fact]
    public void Delete_Links_GoAloneAndWhatTheyLeadToStays()
    {
        var kept = Directory.CreateDirectory(_folder.File("kept")).FullName;
        File.WriteAllText(Path.Combine(kept, "song"), "x");
        File.SetUnixFileMode(kept, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var scratch = Directory.CreateDirectory(_folder.File("scratch")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(scratch, "folder"), kept);
        File.CreateSymbolicLink(Path.Combine(scratch, "file"), Path.Combine(kept, "song"));
        File.CreateSymbolicLink(Path.Combine(scratch, "nowhere"), "/nowhere");
        Directory.CreateSymbolicLink(_folder.File("link"), kept);

        Assert.True(ScratchFolder.TryDelete(scratch));
        Assert.True(ScratchFolder.TryDelete(_folder.File("link")));

        Assert.Equal([kept], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, File.GetUnixFileMode(kept));
        Assert.True(File.Exists(Path.Combine(kept, "song")));
    }

    [Fact]
    public void Delete_Nothing_IsDone() => Assert.True(ScratchFolder.TryDelete(_folder.File("nothing")));

    [Fact]
    public void Delete_WhatCannotGo_IsSaidAndNotThrown() => Assert.False(ScratchFolder.TryDelete("/proc/self/fd"));

    /// <summary>Runs it on a thread that has no more rights over files than anybody, also where the tests run as root.</summary>
    private static bool WithoutRoot(Func<bool> act)
    {
        var result = false;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            _ = SetFileUser(Nobody);
            failure = Record.Exception(() => result = act());
        });
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        return result;
    }

    // Of this thread alone, and it ends with it.
    [DllImport("libc", EntryPoint = "setfsuid")]
    private static extern int SetFileUser(int user);
}
