namespace BlazorTranscode.Aws;

/// <summary>A job as Elastic Transcoder tells of it; only what this app reads.</summary>
/// <param name="Status">Submitted, Progressing, Complete, Canceled or Error.</param>
/// <param name="UserMetadata">What we gave it to carry.</param>
internal sealed record ElasticTranscoderJob(string Id, string Status, Dictionary<string, string>? UserMetadata)
{
    public string? OutputKeyPrefix { get; init; }

    public List<ElasticTranscoderOutput>? Outputs { get; init; }
}

/// <param name="Key">Without the job's prefix.</param>
internal sealed record ElasticTranscoderOutput(string Key, string PresetId)
{
    public string? Status { get; init; }

    /// <summary>After an error it begins with the code.</summary>
    public string? StatusDetail { get; init; }

    /// <summary>Whole seconds.</summary>
    public double? Duration { get; init; }
}

/// <summary>An order. On the wire all names are PascalCase.</summary>
internal sealed record CreateElasticTranscoderJob(
    string PipelineId, List<ElasticTranscoderInput> Inputs, string OutputKeyPrefix, List<ElasticTranscoderOutput> Outputs, Dictionary<string, string> UserMetadata);

internal sealed record ElasticTranscoderInput(string Key)
{
    public string Container { get; init; } = "auto";
}

/// <summary>Where jobs wait, and which buckets they read and write.</summary>
internal sealed record ElasticTranscoderPipeline(string Id, string Name, string? InputBucket, string? OutputBucket);

internal sealed record ElasticTranscoderPreset(string Id, string Name);
