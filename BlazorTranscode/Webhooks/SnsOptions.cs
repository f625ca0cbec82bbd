using BlazorTranscode.Aws;
using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Webhooks;

/// <summary>Settings under <c>Sns</c>: whom the webhook listens to.</summary>
[Settings("Sns")]
internal sealed class SnsOptions
{
    /// <summary>The topics whose messages are accepted, by full ARN. With none the endpoint answers 404.</summary>
    public List<string> TopicArns { get; set; } = [];

    /// <summary>The lowest signature version that is accepted: 1 (SHA-1, what a topic starts with) or 2 (SHA-256, once the topic is set to it).</summary>
    public int MinimumSignatureVersion { get; set; } = 1;

    /// <summary>
    /// Whether calls to SNS are signed with the app's AWS identity. Then nobody can end a subscription by opening the link that each
    /// message holds.
    /// </summary>
    public bool SignedCalls { get; set; }

    /// <summary>Our webhook as SNS reaches it, such as <c>https://audio.example.com/webhooks/sns</c>, to be subscribed at start; empty if somebody else does that.</summary>
    public string SubscribeUrl { get; set; } = "";

    /// <summary>The ARN of the queue for what that subscription could not deliver; may be empty.</summary>
    public string DeadLetterArn { get; set; } = "";

    /// <summary>
    /// A simulator of SNS, as <c>http://localhost:port</c>. It may vouch for topics of account 000000000000 and no others, and is refused
    /// outside Development.
    /// </summary>
    public string? TestEndpoint { get; set; }

    /// <summary>How many days deliveries are kept; as long, a repeated one is known.</summary>
    public int RetentionDays { get; set; } = 30;

    /// <summary>The most deliveries that one transaction takes; more than 64 gains nothing, and all wait for the last.</summary>
    public int BatchSize { get; set; } = 64;
}

/// <summary>Names every mistake in the settings at once, before anything listens.</summary>
internal sealed class SnsOptionsRules(IHostEnvironment environment, IOptions<AwsOptions> aws) : IValidateOptions<SnsOptions>
{
    public ValidateOptionsResult Validate(string? name, SnsOptions options)
    {
        List<string> mistakes = [];
        foreach (var arn in options.TopicArns)
        {
            if (!SnsTopic.TryParse(arn, out var topic))
                mistakes.Add($"Sns:TopicArns: '{arn}' is not the ARN of a topic.");
            else if (topic.Account == SnsTopic.TestAccount && options.TestEndpoint is null)
                mistakes.Add($"Sns:TopicArns: '{arn}' belongs to the test account, but there is no Sns:TestEndpoint.");
        }

        if (options.MinimumSignatureVersion is not (1 or 2))
            mistakes.Add("Sns:MinimumSignatureVersion is 1 or 2.");
        if (options.RetentionDays is < 1 or > 3650)
            mistakes.Add("Sns:RetentionDays is 1 to 3650.");
        if (options.BatchSize is < 1 or > 1024)
            mistakes.Add("Sns:BatchSize is 1 to 1024.");
        if (options.SubscribeUrl.Length > 0 && !(Uri.TryCreate(options.SubscribeUrl, UriKind.Absolute, out var url) && url.Scheme is "https" or "http"))
            mistakes.Add($"Sns:SubscribeUrl: '{options.SubscribeUrl}' is not an address.");
        if (options.SubscribeUrl.Length > 0 && !options.SignedCalls)
            mistakes.Add("Sns:SubscribeUrl needs Sns:SignedCalls: SNS takes no unsigned wish.");
        if (options.SignedCalls)
            mistakes.AddRange(aws.Value.Failures().Concat(ElsewhereOf(options)));
        if (options.TestEndpoint is { } test)
        {
            if (!environment.IsDevelopment())
                mistakes.Add("Sns:TestEndpoint is for development only.");
            if (!Uri.TryCreate(test, UriKind.Absolute, out var uri) || !uri.IsLoopback || test != uri.GetLeftPart(UriPartial.Authority))
                mistakes.Add("Sns:TestEndpoint is an origin on this machine, like http://localhost:9911.");
        }

        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }

    private IEnumerable<string> ElsewhereOf(SnsOptions options) => options.TopicArns
        .Where(arn => SnsTopic.TryParse(arn, out var topic) && topic.Region != aws.Value.EffectiveRegion)
        .Select(arn => $"Sns:TopicArns: '{arn}' is not in the region of Aws:Region, so calls about it cannot be signed.");
}
