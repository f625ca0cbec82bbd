using System.Diagnostics;

namespace BlazorTranscode.Data;

/// <summary>
/// A place where a test may have the process killed, to see what a restart makes of it: <c>CRASH_AT=name:n</c> in the environment is
/// SIGKILL at the n-th time that it comes by, after a pause in which an answer that was given too early gets out and is seen. Calls are
/// compiled into debug builds only; what is published knows nothing of it.
/// </summary>
internal static class CrashPoint
{
    private static readonly string[] At = Environment.GetEnvironmentVariable("CRASH_AT")?.Split(':') ?? [];
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static int _passed;

    [Conditional("DEBUG")]
    public static void Pass(string name)
    {
        if (At is not [var wanted, var count] || wanted != name || Interlocked.Increment(ref _passed) != int.Parse(count, null))
            return;
        Thread.Sleep(Pause);
        Process.GetCurrentProcess().Kill();
    }
}
