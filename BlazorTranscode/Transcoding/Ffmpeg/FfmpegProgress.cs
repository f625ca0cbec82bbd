using System.Globalization;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>Follows what ffmpeg says with <c>-progress</c>: blocks of <c>key=value</c> lines, twice a second.</summary>
/// <param name="declared">How long the source claims to play; without it there is no share to report.</param>
/// <param name="moved">Called whenever more was decoded.</param>
internal sealed class FfmpegProgress(TimeSpan? declared, IProgress<double> progress, TimeProvider time, Action moved)
{
    private const string Key = "out_time_us=";
    // Nobody can see more than four updates a second, and a share of 1 would claim that the outputs are in the store.
    private const double Most = 0.99;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly long MaxMicroseconds = (long)TimeSpan.FromDays(365).TotalMicroseconds;

    private long? _reportedAt;

    /// <summary>How long what was decoded so far plays.</summary>
    public TimeSpan Decoded { get; private set; }

    public void OnLine(string line)
    {
        if (!line.StartsWith(Key, StringComparison.Ordinal)
            || !long.TryParse(line.AsSpan(Key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            || microseconds > MaxMicroseconds || TimeSpan.FromMicroseconds(microseconds) <= Decoded)
        {
            return;
        }

        Decoded = TimeSpan.FromMicroseconds(microseconds);
        moved();
        if (declared is { } whole && (_reportedAt is not { } last || time.GetElapsedTime(last) >= Pause))
        {
            _reportedAt = time.GetTimestamp();
            progress.Report(Math.Min(Decoded / whole, Most));
        }
    }
}
