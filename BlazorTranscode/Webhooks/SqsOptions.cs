using BlazorTranscode.Aws;
using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// Settings under <c>Sqs</c>: a queue that is subscribed to the topics of <c>Sns:TopicArns</c>, for an app that has no public address, or
/// as a second way beside the webhook. Both at once are harmless.
/// </summary>
[Settings("Sqs")]
internal sealed class SqsOptions
{
    /// <summary>The address of the queue as AWS shows it; empty means none.</summary>
    public string QueueUrl { get; set; } = "";
}

/// <summary>Names every mistake in the settings at once, before anything listens.</summary>
internal sealed class SqsOptionsRules(IOptions<SnsOptions> sns, IOptions<AwsOptions> aws) : IValidateOptions<SqsOptions>
{
    public ValidateOptionsResult Validate(string? name, SqsOptions options)
    {
        if (options.QueueUrl.Length == 0)
            return ValidateOptionsResult.Success;
        List<string> mistakes = [.. aws.Value.Failures()];
        if (!Uri.TryCreate(options.QueueUrl, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Segments.Length != 3)
            mistakes.Add($"Sqs:QueueUrl: “{options.QueueUrl}” is not the address of a queue, such as https://sqs.eu-central-1.amazonaws.com/123456789012/NAME.");
        if (sns.ValueIfValid() is { TopicArns.Count: 0 })
            mistakes.Add("Sns:TopicArns is missing: the topics whose messages the queue of Sqs:QueueUrl carries.");
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }
}
