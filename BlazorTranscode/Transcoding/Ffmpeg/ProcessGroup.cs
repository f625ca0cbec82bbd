using System.Diagnostics;
using System.Runtime.InteropServices;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>Ends a process that was started through <c>setsid</c> together with everything that it started.</summary>
internal static partial class ProcessGroup
{
    private const int Term = 15, Kill = 9;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Asks it to end, and two seconds later does not ask any more.</summary>
    public static async Task StopAsync(Process process, TimeProvider time)
    {
        Signal(process.Id, Term);
        using var grace = new CancellationTokenSource(Grace, time);
        try
        {
            await process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            Signal(process.Id, Kill);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Kills what the process has left behind; harmless if there is nothing.</summary>
    public static void KillRest(Process process) => _ = NativeKill(-process.Id, Kill);

    private static void Signal(int leader, int signal)
    {
        // In its first instant it is not yet the leader of a group.
        if (NativeKill(-leader, signal) != 0)
            _ = NativeKill(leader, signal);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int NativeKill(int process, int signal);
}
