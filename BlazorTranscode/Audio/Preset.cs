namespace BlazorTranscode.Audio;

/// <summary>A format that can be asked for. What an engine does for it (codec, rate) is the engine's business.</summary>
/// <param name="Id">Stored and sent over the wire; never changes.</param>
/// <param name="Label">What a person reads.</param>
/// <param name="Note">One line that helps to choose.</param>
/// <param name="Extension">With the dot.</param>
/// <param name="ContentType">What a download or a player is told.</param>
internal sealed record Preset(string Id, string Label, string Note, string Extension, string ContentType)
{
    public static readonly Preset Mp3 = new("mp3", "MP3", "192 kbit/s, plays everywhere", ".mp3", "audio/mpeg");
    public static readonly Preset M4a = new("m4a", "AAC (M4A)", "192 kbit/s, Apple's favourite", ".m4a", "audio/mp4");
    public static readonly Preset Opus = new("opus", "Opus", "128 kbit/s, smallest for its quality", ".opus", "audio/ogg");
    public static readonly Preset Flac = new("flac", "FLAC", "lossless, about half of WAV", ".flac", "audio/flac");
    public static readonly Preset Wav = new("wav", "WAV", "uncompressed, for editing", ".wav", "audio/wav");

    /// <summary>Every preset, in the order in which they are offered.</summary>
    public static IReadOnlyList<Preset> All { get; } = [Mp3, M4a, Opus, Flac, Wav];

    /// <summary>The preset with this id, or null.</summary>
    public static Preset? Find(string id) => All.FirstOrDefault(p => p.Id == id);
}
