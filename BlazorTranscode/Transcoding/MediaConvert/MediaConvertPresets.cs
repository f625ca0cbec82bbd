using BlazorTranscode.Audio;
using BlazorTranscode.Aws;

namespace BlazorTranscode.Transcoding.MediaConvert;

/// <summary>
/// What MediaConvert is asked for each preset. Source of the values and their limits: "Supported output formats for audio-only workflows"
/// in its user guide and the API's model. It keeps neither rate nor depth of a source, so the lossless formats have those of a CD.
/// </summary>
internal static class MediaConvertPresets
{
    private const int Cd = 44_100;

    /// <summary>A group of its own for each preset, so that every file lies exactly under the order's key.</summary>
    public static OutputGroup GroupFor(Preset preset, string destination) =>
        new(preset.Label, new(new(destination)), [new(preset.Extension[1..], ContainerFor(preset), [new(CodecFor(preset))])]);

    private static ContainerSettings ContainerFor(Preset preset) => preset.Id switch
    {
        "m4a" => new("MP4") { Mp4Settings = new("PROGRESSIVE_DOWNLOAD") },
        "opus" => new("OGG"),
        _ => new("RAW"),
    };

    private static AudioCodecSettings CodecFor(Preset preset) => preset.Id switch
    {
        "mp3" => new("MP3") { Mp3Settings = new { RateControlMode = "CBR", Bitrate = 192_000, Channels = 2, SampleRate = Cd } },
        "m4a" => new("AAC")
        {
            AacSettings = new { RateControlMode = "CBR", CodecProfile = "LC", CodingMode = "CODING_MODE_2_0", Bitrate = 192_000, SampleRate = Cd },
        },
        "opus" => new("OPUS") { OpusSettings = new { Bitrate = 128_000, Channels = 2, SampleRate = 48_000 } },
        "flac" => new("FLAC") { FlacSettings = new { BitDepth = 16, Channels = 2, SampleRate = Cd } },
        "wav" => new("WAV") { WavSettings = new { BitDepth = 16, Channels = 2, SampleRate = Cd, Format = "RIFF" } },
        _ => throw new ArgumentException($"There is no preset “{preset.Id}”.", nameof(preset)),
    };
}
