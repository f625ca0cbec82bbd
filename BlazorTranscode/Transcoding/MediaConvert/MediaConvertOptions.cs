using System.Text.RegularExpressions;
using BlazorTranscode.Aws;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.MediaConvert;

/// <summary>Settings under <c>MediaConvert</c>, read when <c>Transcoding:Engine</c> is MediaConvert.</summary>
[Settings("MediaConvert")]
internal sealed class MediaConvertOptions
{
    /// <summary>The ARN of the role in which MediaConvert reads and writes the bucket.</summary>
    public string Role { get; set; } = "";

    /// <summary>The ARN of a queue; empty takes the account's default.</summary>
    public string Queue { get; set; } = "";
}

/// <summary>Lists everything that is missing for MediaConvert in one go.</summary>
internal sealed partial class MediaConvertRules(IOptions<AwsOptions> aws, IOptions<StorageOptions> storage) : IValidateOptions<MediaConvertOptions>
{
    public ValidateOptionsResult Validate(string? name, MediaConvertOptions options)
    {
        List<string> failures = [.. aws.Value.Failures()];
        if (storage.ValueIfValid() is { Provider: not StorageProvider.S3 })
            failures.Add("Storage:Provider must be S3: MediaConvert reads and writes a bucket.");
        if (!RoleArn().IsMatch(options.Role))
            failures.Add("MediaConvert:Role is the ARN of the role for MediaConvert, such as arn:aws:iam::123456789012:role/NAME.");
        if (options.Queue.Length > 0 && !QueueArn().IsMatch(options.Queue))
            failures.Add("MediaConvert:Queue is the ARN of a queue, such as arn:aws:mediaconvert:eu-central-1:123456789012:queues/Default, or empty.");
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    [GeneratedRegex(@"^arn:aws[a-z-]*:iam::\d{12}:role/.+\z")]
    private static partial Regex RoleArn();

    [GeneratedRegex(@"^arn:aws[a-z-]*:mediaconvert:[a-z0-9-]+:\d{12}:queues/.+\z")]
    private static partial Regex QueueArn();
}
