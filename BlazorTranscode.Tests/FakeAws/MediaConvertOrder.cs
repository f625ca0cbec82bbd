using System.Text.Json;
using System.Text.Json.Nodes;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>
/// What MediaConvert accepts as an audio-only order, from its API reference and the user guide's pages on audio-only outputs. Names are
/// camelCase on the wire; what it does not know, it refuses.
/// </summary>
internal static class MediaConvertOrder
{
    private static readonly Dictionary<string, string[]> Containers = new()
    {
        ["MP3"] = ["RAW"], ["WAV"] = ["RAW"], ["FLAC"] = ["RAW"], ["AAC"] = ["MP4"], ["OPUS"] = ["OGG"],
    };

    /// <summary>What is wrong with an order, or null.</summary>
    public static string? Mistake(JsonObject order) =>
        Unknown(order, "clientRequestToken", "role", "queue", "userMetadata", "settings")
        ?? (Text(order, "clientRequestToken") is not { Length: > 0 and <= 64 } ? "clientRequestToken" : null)
        ?? (Text(order, "role")?.StartsWith("arn:aws:iam::", StringComparison.Ordinal) is not true ? "role" : null)
        ?? (order["userMetadata"] is JsonObject metadata && metadata.All(m => m.Value?.GetValueKind() is JsonValueKind.String) ? null : "userMetadata")
        ?? (order["settings"] is JsonObject settings ? MistakeIn(settings) : "settings");

    private static string? MistakeIn(JsonObject settings)
    {
        if (Unknown(settings, "inputs", "outputGroups") is { } unknown)
            return unknown;
        if (settings["inputs"] is not JsonArray { Count: 1 } inputs || Text((JsonObject)inputs[0]!, "fileInput")?.StartsWith("s3://", StringComparison.Ordinal) is not true)
            return "settings.inputs";
        if (inputs[0]!["audioSelectors"]?["Audio Selector 1"]?["defaultSelection"]?.GetValue<string>() is not "DEFAULT")
            return "settings.inputs.audioSelectors";
        if (settings["outputGroups"] is not JsonArray { Count: > 0 } groups)
            return "settings.outputGroups";
        return groups.Select(g => MistakeInGroup((JsonObject)g!)).FirstOrDefault(m => m is not null);
    }

    private static string? MistakeInGroup(JsonObject group)
    {
        var settings = group["outputGroupSettings"] as JsonObject;
        if (Text(settings, "type") is not "FILE_GROUP_SETTINGS" || Text(settings?["fileGroupSettings"] as JsonObject, "destination")?.StartsWith("s3://", StringComparison.Ordinal) is not true)
            return "outputGroupSettings";
        if (group["outputs"] is not JsonArray { Count: > 0 } outputs || outputs.Count > 1 && outputs.Any(o => o!["nameModifier"] is null))
            return "outputs";
        return outputs.Select(o => MistakeInOutput((JsonObject)o!)).FirstOrDefault(m => m is not null);
    }

    private static string? MistakeInOutput(JsonObject output)
    {
        if (Unknown(output, "nameModifier", "extension", "containerSettings", "audioDescriptions") is { } unknown)
            return unknown;
        if (output["audioDescriptions"] is not JsonArray { Count: 1 } audio || Text((JsonObject)audio[0]!, "audioSourceName") is not "Audio Selector 1")
            return "audioDescriptions";
        var codec = audio[0]!["codecSettings"] as JsonObject;
        var name = Text(codec, "codec") ?? "";
        if (!Containers.TryGetValue(name, out var containers) || !containers.Contains(Text(output["containerSettings"] as JsonObject, "container")))
            return $"containerSettings of {name}";
        var member = $"{name.ToLowerInvariant()}Settings";
        if (Unknown(codec!, "codec", member) is { } odd)
            return odd;
        return codec![member] is JsonObject settings && InRange(name, settings) ? null : member;
    }

    private static bool InRange(string codec, JsonObject settings)
    {
        var (bitrate, rate, depth) = (Number(settings, "bitrate"), Number(settings, "sampleRate"), Number(settings, "bitDepth"));
        return codec switch
        {
            "MP3" => Text(settings, "rateControlMode") is "CBR" && bitrate is >= 16_000 and <= 320_000 && rate is >= 22_050 and <= 48_000,
            "AAC" => Text(settings, "codingMode") is "CODING_MODE_2_0" && bitrate is 128_000 or 160_000 or 192_000 or 256_000 && rate is >= 8_000 and <= 96_000,
            "OPUS" => bitrate is >= 32_000 and <= 192_000 && bitrate % 8_000 == 0 && rate is 16_000 or 24_000 or 48_000,
            "FLAC" => depth is >= 16 and <= 24 && rate is >= 22_050 and <= 192_000,
            _ => depth is >= 16 and <= 24 && rate is >= 8_000 and <= 192_000 && Text(settings, "format") is "RIFF" or "RF64",
        };
    }

    private static string? Unknown(JsonObject of, params string[] names) => of.Select(m => m.Key).FirstOrDefault(k => !names.Contains(k)) is { } name ? $"unknown member {name}" : null;

    private static string? Text(JsonObject? of, string name) => of?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static int? Number(JsonObject of, string name) => of[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;
}
