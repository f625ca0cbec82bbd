using System.Diagnostics;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>Real audio to upload: tones made on the spot, and recordings of the package sound-theme-freedesktop.</summary>
internal static class Sounds
{
    /// <summary>A recording of a bell, in Ogg Vorbis.</summary>
    public const string Recording = "/usr/share/sounds/freedesktop/stereo/complete.oga";

    /// <summary>A tone of this many seconds; the extension says in which format.</summary>
    public static async Task<string> ToneAsync(this TempFolder folder, string name, double seconds, params string[] options)
    {
        var path = folder.File(name);
        await RunAsync("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", FormattableString.Invariant($"sine=frequency=440:duration={seconds}"), .. options, path]);
        return path;
    }

    /// <summary>How long a file plays when all of it is decoded.</summary>
    public static async Task<TimeSpan> DecodedLengthAsync(string path)
    {
        var progress = await RunAsync("ffmpeg", ["-v", "error", "-i", path, "-map", "0:a:0", "-f", "null", "-progress", "pipe:1", "-"]);
        var last = progress.Split('\n').Last(line => line.StartsWith("out_time_us=", StringComparison.Ordinal));
        return TimeSpan.FromMicroseconds(long.Parse(last["out_time_us=".Length..], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }
}
