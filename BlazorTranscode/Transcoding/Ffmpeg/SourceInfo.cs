using System.Globalization;
using System.Text.Json;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>What ffprobe says of a file.</summary>
/// <param name="AudioStream">Number of the stream to convert: the one its maker marked as default, or else the first.</param>
/// <param name="CoverStream">Number of a JPEG or PNG picture of the file, if there is one.</param>
/// <param name="Channels">How many channels the sound has.</param>
/// <param name="IsLossless">Whether the samples are exactly what was recorded.</param>
/// <param name="Bits">Bits of a sample that mean something.</param>
/// <param name="TagsInStream">Whether title and artist belong to the audio stream, as in OGG, and not to the file.</param>
/// <param name="Declared">How long it claims to play.</param>
/// <param name="IsGuess">Whether nothing in the file says so: ffprobe divided its size by the bit rate of its first frames.</param>
internal sealed record SourceInfo(
    int AudioStream, int? CoverStream, int Channels, bool IsLossless, int Bits, bool TagsInStream, TimeSpan? Declared, bool IsGuess)
{
    /// <summary>FLAC has room for eight channels, and so have we.</summary>
    public const int MaxChannels = 8;

    // FLAC's own limit.
    private const int MinSampleRate = 1000, MaxSampleRate = 655_350;

    /// <summary>Whether 16 bits would lose something.</summary>
    public bool IsDeep => IsLossless && Bits > 16;

    /// <exception cref="FfmpegException">There is no sound in it that can be converted.</exception>
    public static SourceInfo Parse(string json, bool isGuess)
    {
        using var document = ParseJson(json);
        var streams = document.RootElement.TryGetProperty("streams", out var list) ? list.EnumerateArray().ToList() : [];
        var audio = streams.Where(s => Text(s, "codec_type") == "audio").OrderByDescending(s => Flag(s, "default")).FirstOrDefault();
        if (audio.ValueKind != JsonValueKind.Object)
            throw new FfmpegException("There is no sound in it.");
        var channels = Number(audio, "channels");
        var rate = Number(audio, "sample_rate");
        if (channels is < 1 or > MaxChannels || rate is < MinSampleRate or > MaxSampleRate)
            throw new FfmpegException($"Its sound has {channels} channels at {rate} Hz; we can read 1 to {MaxChannels} at {MinSampleRate} to {MaxSampleRate} Hz.");

        var cover = streams.Where(s => Flag(s, "attached_pic") && Text(s, "codec_name") is "mjpeg" or "png").FirstOrDefault();
        var format = document.RootElement.GetProperty("format");
        var codec = Text(audio, "codec_name");
        return new(
            Number(audio, "index"),
            cover.ValueKind == JsonValueKind.Object ? Number(cover, "index") : null,
            channels,
            codec.StartsWith("pcm_", StringComparison.Ordinal) || codec is "flac" or "alac" or "wmalossless",
            Math.Max(Number(audio, "bits_per_raw_sample"), Number(audio, "bits_per_sample")),
            Text(format, "format_name") == "ogg",
            Seconds(audio) ?? Seconds(format),
            isGuess);
    }

    private static JsonDocument ParseJson(string json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException exception)
        {
            throw new FfmpegException("It is too complicated for us.", detail: exception.Message);
        }
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    // ffprobe writes some numbers as text.
    private static int Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && int.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static TimeSpan? Seconds(JsonElement element) =>
        double.TryParse(Text(element, "duration"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds) : null;

    private static bool Flag(JsonElement element, string name) =>
        element.TryGetProperty("disposition", out var disposition) && Number(disposition, name) == 1;
}
