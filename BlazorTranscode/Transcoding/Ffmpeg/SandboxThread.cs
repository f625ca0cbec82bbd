using System.Collections.Concurrent;
using System.Diagnostics;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>
/// Starts every sandbox from one thread that lives as long as the app. The kernel kills a process with <c>--die-with-parent</c> when the
/// thread that started it ends, and threads of the pool end whenever they like.
/// </summary>
internal sealed class SandboxThread : IDisposable
{
    private readonly BlockingCollection<Action> _starts = [];

    public SandboxThread() => new Thread(Run) { IsBackground = true, Name = "Sandboxes" }.Start();

    /// <exception cref="System.ComponentModel.Win32Exception">The program is missing or must not be run.</exception>
    public Task<Process> StartAsync(ProcessStartInfo info)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _starts.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(info)!);
            }
#pragma warning disable CA1031 // Whatever it is, it belongs to the caller; this thread must go on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                started.SetException(exception);
            }
        });
        return started.Task;
    }

    /// <summary>Ends the thread, and with it every sandbox that still runs.</summary>
    public void Dispose() => _starts.CompleteAdding();

    private void Run()
    {
        foreach (var start in _starts.GetConsumingEnumerable())
            start();
    }
}
