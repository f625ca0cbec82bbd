using System.Globalization;
using System.Text.Json;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>What the machine's own ffprobe and ffmpeg say of a file: the tests' witness, independent of the code under test.</summary>
internal sealed class Probed
{
    private readonly JsonElement _root;

    private Probed(JsonElement root, double decodedSeconds) => (_root, DecodedSeconds) = (root, decodedSeconds);

    /// <summary>How long it really plays: decoded to the end.</summary>
    public double DecodedSeconds { get; }

    public double DeclaredSeconds => double.Parse(Format("duration"), CultureInfo.InvariantCulture);

    public string Container => Format("format_name");

    public string Codec => Audio.GetProperty("codec_name").GetString()!;

    public string SampleFormat => Audio.GetProperty("sample_fmt").GetString()!;

    public int Channels => Audio.GetProperty("channels").GetInt32();

    public string? Bits => Audio.TryGetProperty("bits_per_raw_sample", out var bits) ? bits.GetString() : null;

    public bool HasCover => Streams.Any(s => s.GetProperty("disposition").GetProperty("attached_pic").GetInt32() == 1);

    public IReadOnlyList<string?> Chapters => [.. _root.GetProperty("chapters").EnumerateArray().Select(c => c.GetProperty("tags").GetProperty("title").GetString())];

    private IEnumerable<JsonElement> Streams => _root.GetProperty("streams").EnumerateArray();

    private JsonElement Audio => Streams.Single(s => s.GetProperty("codec_type").GetString() == "audio");

    /// <summary>A tag of the file or, as OGG has it, of the stream.</summary>
    public string? Tag(string name) => Tag(_root.GetProperty("format"), name) ?? Tag(Audio, name);

    public static async Task<Probed> ReadAsync(string path)
    {
        var json = await FfmpegBench.RunAsync("ffprobe", ["-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters", path]);
        var progress = await FfmpegBench.RunAsync("ffmpeg", ["-v", "error", "-nostdin", "-xerror", "-i", path, "-map", "0:a", "-f", "null", "-progress", "pipe:1", "-"]);
        var last = progress.Split('\n').Last(line => line.StartsWith("out_time_us=", StringComparison.Ordinal));
        return new(JsonDocument.Parse(json).RootElement, long.Parse(last["out_time_us=".Length..], CultureInfo.InvariantCulture) / 1e6);
    }

    private string Format(string name) => _root.GetProperty("format").GetProperty(name).GetString()!;

    private static string? Tag(JsonElement owner, string name) =>
        owner.TryGetProperty("tags", out var tags)
            ? tags.EnumerateObject().FirstOrDefault(tag => tag.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value is { ValueKind: JsonValueKind.String } value ? value.GetString() : null
            : null;
}
