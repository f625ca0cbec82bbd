using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>Ends a process that was started through <c>setsid</c> together with everything that it started.</summary>
internal static class ProcessGroup
{
    private const int Kill = 9, Stop = 19;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Kills it without asking: what it has made so far is thrown away. Its children go first, and it is held meanwhile so that it has no
    /// more: bubblewrap's leaves the group, and is not bound to die with its parent before it has asked to.
    /// </summary>
    public static async Task KillAsync(Process process, TimeProvider time)
    {
        _ = NativeKill(process.Id, Stop);
        for (var tries = 0; tries < 200 && !IsHeld(process.Id); tries++)
            await Task.Delay(Moment, time, CancellationToken.None);
        foreach (var child in ChildrenOf(process.Id))
            _ = NativeKill(child, Kill);
        // In its first instant it is not yet the leader of a group.
        if (NativeKill(-process.Id, Kill) != 0)
            _ = NativeKill(process.Id, Kill);
        await process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Kills what the process has left behind; harmless if there is nothing.</summary>
    public static void KillRest(Process process) => _ = NativeKill(-process.Id, Kill);

    // Stopped, or at its end already. Its name stands before the state and may hold anything, a bracket too.
    private static bool IsHeld(int id) => Read($"/proc/{id}/stat") is not { } stat || stat[stat.LastIndexOf(')') + 2] is 'T' or 'Z' or 'X';

    private static int[] ChildrenOf(int id) =>
        [.. (Read($"/proc/{id}/task/{id}/children") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, CultureInfo.InvariantCulture))];

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int NativeKill(int process, int signal);
}
