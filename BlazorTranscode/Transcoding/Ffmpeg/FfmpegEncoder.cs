using BlazorTranscode.Audio;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>Runs ffmpeg over one job's folder and watches it.</summary>
internal sealed class FfmpegEncoder(Sandbox sandbox, IOptions<FfmpegOptions> options, TimeProvider time)
{
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMinutes(1);
    // Where the length is unknown or a lie: nobody codes sound with less than 32 kbit/s and cares.
    private const double SlowestBytesPerSecond = 4000;
    // One second more than allowed, to see that the source goes on.
    private static readonly TimeSpan Over = TimeSpan.FromSeconds(1);

    /// <summary>Makes every output. A cover that a format refuses ends all of them, so the second try is without.</summary>
    /// <param name="fileBytes">The largest output.</param>
    /// <exception cref="FfmpegException">It failed; the outputs are worth nothing.</exception>
    public async Task<Encoded> EncodeAsync(string folder, SourceInfo source, IReadOnlyList<Preset> presets, long sourceBytes, long fileBytes, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var guess = LongestOf(sourceBytes);
        var length = source.Declared > guess ? source.Declared.Value : guess;
        var timeout = (length < options.Value.MaxDuration ? length : options.Value.MaxDuration) * options.Value.TimeFactor;
        timeout = timeout > ShortestTimeout ? timeout : ShortestTimeout;

        var withCover = source.CoverStream is not null;
        var (result, decoded) = await RunAsync(withCover);
        if (withCover && result.ExitCode is > 0 and < 128 && decoded == TimeSpan.Zero)
            (result, decoded) = await RunAsync(cover: false);
        if (result.ExitCode != 0)
            throw FfmpegException.From(result, decoded > TimeSpan.Zero);
        if (decoded == TimeSpan.Zero)
            throw new FfmpegException("There is no sound in it that we can read.", detail: FfmpegException.DetailOf(result));
        if (decoded > options.Value.MaxDuration + (Over / 2))
            throw FfmpegTranscoder.TooLong(options.Value.MaxDuration);
        return new(decoded, SaysDamaged(result.Errors), FfmpegException.DetailOf(result));

        async Task<(SandboxResult Result, TimeSpan Decoded)> RunAsync(bool cover)
        {
            var command = new SandboxCommand(options.Value.Path, FfmpegArguments.Convert(source, presets, cover, options.Value.MaxDuration + Over), folder)
            {
                MemoryBytes = options.Value.MemoryBytes, FileBytes = fileBytes, CpuTime = timeout * 2,
            };
            using var wall = new CancellationTokenSource(timeout, time);
            using var stall = new CancellationTokenSource(options.Value.StallTimeout, time);
            using var any = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, wall.Token, stall.Token);
            var follower = new FfmpegProgress(source.Declared, progress, time, () => stall.CancelAfter(options.Value.StallTimeout));
            try
            {
                return (await sandbox.RunAsync(command, follower.OnLine, any.Token), follower.Decoded);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new FfmpegException(
                    wall.IsCancellationRequested ? "The conversion took too long and was stopped." : "The conversion hung and was stopped.", retryable: true);
            }
        }
    }

    /// <summary>How long a source of this size plays at most, unless it codes sound worse than anybody wants to hear.</summary>
    public static TimeSpan LongestOf(long sourceBytes) => TimeSpan.FromSeconds(sourceBytes / SlowestBytesPerSecond);

    // Words of ffmpeg 5, 6 and 7 for a packet that could not be decoded, and of its containers for an early end.
    private static bool SaysDamaged(string errors) =>
        errors.Contains("Error while decoding stream", StringComparison.Ordinal) || errors.Contains("Error submitting packet to decoder", StringComparison.Ordinal)
        || errors.Contains("Decoding error:", StringComparison.Ordinal) || errors.Contains("File ended prematurely", StringComparison.Ordinal);
}

/// <summary>What came out of a source.</summary>
/// <param name="Decoded">How long it plays; what decodes is the truth, not what a header says.</param>
/// <param name="Damaged">Whether parts could not be decoded.</param>
/// <param name="Detail">ffmpeg's own words.</param>
internal sealed record Encoded(TimeSpan Decoded, bool Damaged, string Detail);
