using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace BlazorTranscode.Benchmarks;

/// <summary>The load generator <c>wrk</c> with one thread, as a client that costs no more than one core.</summary>
internal static class Wrk
{
    /// <summary>Posts bodies, one a line of a file, over connections that stay open, one request at a time on each.</summary>
    /// <returns>How many were answered with a success, and how long that took.</returns>
    /// <exception cref="InvalidOperationException">Something was answered otherwise, or wrk is not installed.</exception>
    public static (int Answers, TimeSpan Time) Post(int port, string bodies, int seconds, int connections)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "wrk.lua");
        var start = new ProcessStartInfo("wrk", ["-t1", $"-c{connections}", $"-d{seconds}s", "-s", script, $"http://127.0.0.1:{port}/webhooks/sns", "--", bodies])
        {
            RedirectStandardOutput = true,
        };
        using var process = Begin(start);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (output.Split('\n').LastOrDefault(line => line.StartsWith("answers", StringComparison.Ordinal))?.Split('\t') is not [_, var answers, "0", var time])
            throw new InvalidOperationException(output);
        return (int.Parse(answers, CultureInfo.InvariantCulture), TimeSpan.FromMicroseconds(double.Parse(time, CultureInfo.InvariantCulture)));
    }

    private static Process Begin(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("wrk is not installed; deploy/need wrk=wrk does it.", e);
        }
    }
}
