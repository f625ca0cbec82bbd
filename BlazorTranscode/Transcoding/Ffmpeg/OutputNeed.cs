using BlazorTranscode.Audio;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>How much the outputs of a job may come to, in bytes.</summary>
/// <param name="Sizes">What is expected of each output.</param>
/// <param name="Extra">What each may have besides: headers, tags, a picture.</param>
/// <param name="Most">The largest output that this server allows.</param>
internal sealed record OutputNeed(IReadOnlyList<long> Sizes, long Extra, long Most)
{
    // A header can be off by a little, and a guess of ffprobe (size divided by the bit rate of the first frames) by more.
    private const double DeclaredMargin = 1.02, GuessMargin = 1.5;
    private const int Growth = 4;
    // Bytes a second. Encoders meet their bit rate on average; Opus is allowed to spend more on what is hard to code.
    private const double Mp3 = 24_000 * 1.05, M4a = 24_000 * 1.25, Opus = 16_000 * 2;
    private const long Headers = 256 << 10, MostTags = 4L << 20, MostPicture = 64L << 20;

    /// <summary>What is set aside for all of them.</summary>
    public long Bytes => Sizes.Sum(size => Math.Min(Most, size + Extra));

    /// <summary>How large one file may become before ffmpeg is stopped. The kernel knows only one limit for all files.</summary>
    public long FileBytes => Math.Min(Most, Sizes.Max() + Extra);

    /// <summary>The next try when the outputs did not fit, because the source plays longer than it says.</summary>
    public OutputNeed Grown => this with { Sizes = [.. Sizes.Select(size => Math.Min(Most, size * Growth))], Extra = Math.Min(Most, Extra * Growth) };

    /// <param name="sourceBytes">Size of the source: tags and a picture cannot be larger.</param>
    public static OutputNeed Of(SourceInfo source, IEnumerable<Preset> presets, long sourceBytes, FfmpegOptions options)
    {
        var claimed = source.Declared is { } declared
            ? (declared * (source.IsGuess ? GuessMargin : DeclaredMargin)) + TimeSpan.FromSeconds(1)
            : FfmpegEncoder.LongestOf(sourceBytes);
        var length = claimed < options.MaxDuration ? claimed : options.MaxDuration;
        var samples = length.TotalSeconds * source.SampleRate * source.Channels;
        return new(
            [.. presets.Select(preset => Math.Min(options.MaxOutputBytes, (long)(preset.Id switch
            {
                "mp3" => length.TotalSeconds * Mp3,
                "m4a" => length.TotalSeconds * M4a,
                "opus" => length.TotalSeconds * Opus,
                // Noise makes FLAC as large as WAV.
                "flac" or "wav" => samples * (source.IsDeep ? 3 : 2),
                _ => throw new ArgumentException($"There is no preset “{preset.Id}”.", nameof(presets)),
            })))],
            Headers + Math.Min(sourceBytes, source.CoverStream is null ? MostTags : MostPicture), options.MaxOutputBytes);
    }
}
