using System.Text.Json;
using System.Text.Json.Serialization;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>What ffprobe says of a file.</summary>
/// <param name="AudioStream">Number of the stream to convert: the one its maker marked as default, or else the first.</param>
/// <param name="CoverStream">Number of a JPEG or PNG picture of the file, if there is one.</param>
/// <param name="Channels">How many channels the sound has.</param>
/// <param name="SampleRate">Samples of each channel in a second.</param>
/// <param name="IsLossless">Whether the samples are exactly what was recorded.</param>
/// <param name="Bits">Bits of a sample that mean something.</param>
/// <param name="TagsInStream">Whether title and artist belong to the audio stream, as in OGG, and not to the file.</param>
/// <param name="Declared">How long it claims to play.</param>
/// <param name="IsGuess">Whether nothing in the file says so: ffprobe divided its size by the bit rate of its first frames.</param>
internal sealed record SourceInfo(
    int AudioStream, int? CoverStream, int Channels, int SampleRate, bool IsLossless, int Bits, bool TagsInStream, TimeSpan? Declared, bool IsGuess)
{
    /// <summary>FLAC has room for eight channels, and so have we.</summary>
    public const int MaxChannels = 8;

    // FLAC's own limit.
    private const int MinSampleRate = 1000, MaxSampleRate = 655_350;
    private const double MaxSeconds = 1e9;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString,
    };

    /// <summary>Whether 16 bits would lose something.</summary>
    public bool IsDeep => IsLossless && Bits > 16;

    /// <exception cref="FfmpegException">There is no sound in it that can be converted.</exception>
    public static SourceInfo Parse(string json, bool isGuess)
    {
        var answer = Read(json);
        var streams = answer.Streams?.OfType<Stream>().ToList() ?? [];
        var audio = streams.Where(s => s.CodecType == "audio").OrderByDescending(s => s.Disposition?.Default).FirstOrDefault()
            ?? throw new FfmpegException("There is no sound in it.");
        if (audio.Channels is < 1 or > MaxChannels || audio.SampleRate is < MinSampleRate or > MaxSampleRate)
            throw new FfmpegException($"Its sound has {audio.Channels} channels at {audio.SampleRate} Hz; we can read 1 to {MaxChannels} at {MinSampleRate} to {MaxSampleRate} Hz.");
        return new(
            audio.Index,
            streams.FirstOrDefault(s => s.Disposition?.AttachedPic == 1 && s.CodecName is "mjpeg" or "png")?.Index,
            audio.Channels,
            audio.SampleRate,
            audio.CodecName is "flac" or "alac" or "wmalossless" || audio.CodecName?.StartsWith("pcm_", StringComparison.Ordinal) == true,
            Math.Max(audio.BitsPerRawSample, audio.BitsPerSample),
            answer.Format?.FormatName == "ogg",
            (audio.Duration ?? answer.Format?.Duration) is { } seconds and > 0 and < MaxSeconds ? TimeSpan.FromSeconds(seconds) : null,
            isGuess);
    }

    private static Answer Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Answer>(json, Json) ?? new(null, null);
        }
        catch (JsonException exception)
        {
            // Cut off because it was too long, or from an ffprobe that was taken over.
            throw new FfmpegException("It is too complicated for us.", detail: exception.Message);
        }
    }

    // What ffprobe calls these, in its "json" output; some of the numbers come as text.
    private sealed record Answer(Stream?[]? Streams, Format? Format);

    private sealed record Format(string? FormatName, double? Duration);

    private sealed record Stream(
        int Index, string? CodecType, string? CodecName, int SampleRate, int Channels, int BitsPerRawSample, int BitsPerSample, double? Duration, Disposition? Disposition);

    private sealed record Disposition(int Default, int AttachedPic);
}
