using System.Globalization;
using BlazorTranscode.Audio;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>The command line of one job: one input, decoded once, and an output for each preset.</summary>
internal static class FfmpegArguments
{
    /// <summary>Containers that are read. Without this list a playlist that calls itself a song makes ffmpeg open other files.</summary>
    private const string Containers = "mp3,wav,w64,flac,ogg,mov,aac,aiff,asf,matroska";

    /// <summary>Decoders that may run. Each one more is one more that a hostile file can aim at; the pictures are for covers.</summary>
    private const string Decoders =
        "mp3float,mp3,mp2float,mp2,mp1float,mp1,aac,aac_latm,alac,flac,vorbis,libvorbis,opus,libopus,wmav1,wmav2,wmapro,wmalossless,wmavoice,"
        + "pcm_s8,pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw,"
        + "adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,gsm_ms,mjpeg,png,gif,bmp,webp,mov_text,text";

    /// <summary>Stands before every input.</summary>
    public static IReadOnlyList<string> Guard { get; } =
    [
        "-protocol_whitelist", "file", "-format_whitelist", Containers, "-codec_whitelist", Decoders, "-probesize", "5000000", "-analyzeduration", "5000000",
    ];

    /// <summary>What the output of a preset is called in the job's folder.</summary>
    public static string OutputName(Preset preset) => $"audio{preset.Extension}";

    /// <summary>Where that is, seen from outside.</summary>
    public static string OutputPath(string folder, Preset preset) => Path.Combine(folder, "out", OutputName(preset));

    /// <summary>Whether the format has a place for a picture. WAV and Opus refuse it, and one output that fails ends all of them.</summary>
    public static bool TakesCover(Preset preset) => preset != Preset.Wav && preset != Preset.Opus;

    /// <param name="cover">Whether to take the picture along where the format has a place for it.</param>
    /// <param name="longest">Where to stop, whatever the source claims.</param>
    public static IEnumerable<string> Convert(SourceInfo source, IEnumerable<Preset> presets, bool cover, TimeSpan longest) =>
    [
        "-hide_banner", "-v", "error", "-nostdin", "-progress", "pipe:1", .. Guard, "-i", $"file:{SandboxCommand.Source}",
        .. presets.SelectMany(preset => Output(source, preset, cover ? source.CoverStream : null, longest)),
    ];

    private static IEnumerable<string> Output(SourceInfo source, Preset preset, int? cover, TimeSpan longest) =>
    [
        "-map", Invariant($"0:{source.AudioStream}"),
        .. cover is { } picture && TakesCover(preset)
            ? ["-map", Invariant($"0:{picture}"), "-c:v", "copy", "-disposition:v", "attached_pic"] : (string[])[],
        "-map_metadata", source.TagsInStream ? Invariant($"0:s:{source.AudioStream}") : "0",
        // Without timestamps the encoders count samples. Those of a damaged or chained source jump; the length is what was decoded.
        "-af", "asetpts=NAN",
        "-t", Invariant($"{longest.TotalSeconds:F3}"),
        .. Codec(source, preset),
        "-y", $"file:{OutputName(preset)}",
    ];

    private static string[] Codec(SourceInfo source, Preset preset)
    {
        // The lossy formats are for listening: everything plays stereo, and Opus refuses most other layouts.
        var channels = Invariant($"{Math.Min(source.Channels, 2)}");
        return preset.Id switch
        {
            "mp3" => ["-c:a", "libmp3lame", "-b:a", "192k", "-ac", channels, "-id3v2_version", "3", "-f", "mp3"],
            "m4a" => ["-c:a", "aac", "-b:a", "192k", "-ac", channels, "-movflags", "+faststart", "-f", "ipod"],
            "opus" => ["-c:a", "libopus", "-b:a", "128k", "-ac", channels, "-f", "opus"],
            // A lossy source decodes to more than 16 bits, but they hold nothing, and FLAC would become larger than WAV.
            "flac" => ["-c:a", "flac", "-sample_fmt", source.IsDeep ? "s32" : "s16", "-f", "flac"],
            "wav" => ["-c:a", source.IsDeep ? "pcm_s24le" : "pcm_s16le", "-rf64", "auto", "-f", "wav"],
            _ => throw new ArgumentException($"There is no preset “{preset.Id}”.", nameof(preset)),
        };
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
