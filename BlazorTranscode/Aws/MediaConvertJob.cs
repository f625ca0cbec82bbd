namespace BlazorTranscode.Aws;

/// <summary>A job as MediaConvert tells of it; only what this app reads.</summary>
/// <param name="Status">SUBMITTED, PROGRESSING, COMPLETE, CANCELED or ERROR.</param>
/// <param name="UserMetadata">What we gave it to carry.</param>
internal sealed record MediaConvertJob(string Id, string Status, Dictionary<string, string>? UserMetadata)
{
    public int? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    /// <summary>In the order of the groups that were asked for; without paths, which only events have.</summary>
    public List<OutputGroupDetail>? OutputGroupDetails { get; init; }

    public List<WarningGroup>? Warnings { get; init; }
}

internal sealed record OutputGroupDetail(List<OutputDetail>? OutputDetails);

internal sealed record OutputDetail(double? DurationInMs);

internal sealed record WarningGroup(int Code, int Count);

/// <summary>An order. On the wire all names are camelCase, whatever the console prints.</summary>
/// <param name="ClientRequestToken">At most 64 characters; makes a repeated call within a minute harmless.</param>
/// <param name="Role">The ARN of the role in which MediaConvert reads and writes the bucket.</param>
/// <param name="Queue">The name or ARN of a queue; null takes the account's default.</param>
internal sealed record CreateJobRequest(string ClientRequestToken, string Role, string? Queue, Dictionary<string, string> UserMetadata, JobSettings Settings);

internal sealed record JobSettings(List<JobInput> Inputs, List<OutputGroup> OutputGroups);

internal sealed record JobInput(string FileInput)
{
    public string TimecodeSource { get; init; } = "ZEROBASED";

    public Dictionary<string, object> AudioSelectors { get; } = new() { ["Audio Selector 1"] = new { DefaultSelection = "DEFAULT" } };
}

/// <summary>A group that makes one file.</summary>
internal sealed record OutputGroup(string Name, OutputGroupSettings OutputGroupSettings, List<Output> Outputs);

/// <param name="Destination">Where the file goes, as <c>s3://bucket/key</c> without the extension.</param>
internal sealed record FileGroupSettings(string Destination);

internal sealed record OutputGroupSettings(FileGroupSettings FileGroupSettings)
{
    public string Type { get; init; } = "FILE_GROUP_SETTINGS";
}

/// <param name="Extension">Without the dot.</param>
internal sealed record Output(string Extension, ContainerSettings ContainerSettings, List<AudioDescription> AudioDescriptions);

/// <param name="Container">RAW means that the codec brings its own container, or none.</param>
internal sealed record ContainerSettings(string Container)
{
    public Mp4Settings? Mp4Settings { get; init; }
}

internal sealed record Mp4Settings(string MoovPlacement);

internal sealed record AudioDescription(AudioCodecSettings CodecSettings)
{
    public string AudioSourceName { get; init; } = "Audio Selector 1";
}

/// <summary>Exactly one of the settings is set, and <paramref name="Codec"/> names it.</summary>
internal sealed record AudioCodecSettings(string Codec)
{
    public object? AacSettings { get; init; }

    public object? FlacSettings { get; init; }

    public object? Mp3Settings { get; init; }

    public object? OpusSettings { get; init; }

    public object? WavSettings { get; init; }
}
