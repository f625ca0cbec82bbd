using BlazorTranscode.Aws;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.ElasticTranscoder;

/// <summary>Settings under <c>ElasticTranscoder</c>, read when <c>Transcoding:Engine</c> is ElasticTranscoder.</summary>
[Settings("ElasticTranscoder")]
internal sealed class ElasticTranscoderOptions
{
    /// <summary>The name of the pipeline; it must read and write the bucket of <c>Storage:S3</c>.</summary>
    public string Pipeline { get; set; } = "";
}

/// <summary>Lists everything that is missing for Elastic Transcoder in one go.</summary>
internal sealed class ElasticTranscoderRules(IOptions<AwsOptions> aws, IOptions<StorageOptions> storage) : IValidateOptions<ElasticTranscoderOptions>
{
    public ValidateOptionsResult Validate(string? name, ElasticTranscoderOptions options)
    {
        List<string> failures = [.. aws.Value.Failures()];
        if (failures.Count == 0 && aws.Value.IsAmazon)
            failures.Add("Transcoding:Engine cannot be ElasticTranscoder at AWS, which switched Elastic Transcoder off on 13 November 2025: choose MediaConvert, or name a compatible service in Aws:ServiceUrl.");
        if (storage.ValueIfValid() is { Provider: not StorageProvider.S3 })
            failures.Add("Storage:Provider must be S3: Elastic Transcoder reads and writes a bucket.");
        if (options.Pipeline.Length == 0)
            failures.Add("ElasticTranscoder:Pipeline is missing: the name of the pipeline.");
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }
}
