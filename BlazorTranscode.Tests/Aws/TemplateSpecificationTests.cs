using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Aws;

/// <summary>The CloudFormation template before AWS's own resource specification, as npm's @aws-cdk/cfnspec carries it.</summary>
public sealed class TemplateSpecificationTests
{
    private static readonly string Template = File.ReadAllText(Repository.At("deploy/aws/template.yaml"));

    [Fact]
    public async Task Template_HasOnlyWhatTheSpecificationKnows_AndAllItRequires()
    {
        using var folder = await InstalledAsync();

        Assert.Empty(await MistakesAsync(folder, Template));
    }

    /// <summary>The judge is worth something only if it sees each kind of mistake.</summary>
    [Fact]
    public async Task Template_WithAMistake_IsRefused()
    {
        using var folder = await InstalledAsync();
        foreach (var (right, wrong, words) in ((string, string, string)[])
        [
            ("AWS::SNS::TopicPolicy", "AWS::SNS::TopicPolice", "TopicPolicy: there is no type AWS::SNS::TopicPolice"),
            ("VisibilityTimeout:", "VisibilityTimeOut:", "Reports: there is no property VisibilityTimeOut"),
            ("MaxAge:", "MaxAgeInSeconds:", "MediaBucket.CorsConfiguration.CorsRules.0: there is no property MaxAgeInSeconds"),
            ("DaysAfterInitiation: 60", "DaysAfterInitiation: sixty", "AbortIncompleteMultipartUpload.DaysAfterInitiation: is not of the type Integer"),
            ("SSEAlgorithm: AES256", "KMSMasterKeyID: x", "ServerSideEncryptionByDefault: SSEAlgorithm is missing"),
            ("Queues: [!Ref Reports]", "Queues: !Ref Reports\n      Queue: x", "ReportsPolicy: there is no property Queue"),
            ("Topics: [!Ref Topic]", "Topics: topic", "TopicPolicy.Topics: is not a List"),
            ("Resource: !Ref Topic", "Resource: !Ref Topics", "there is no parameter or resource Topics"),
            ("!GetAtt MediaConvertRole.Arn", "!GetAtt MediaConvertRole.ARN", "there is no attribute of AWS::IAM::Role ARN"),
            ("${MediaBucket.Arn}/sources/*", "${Bucket.Arn}/sources/*", "there is no resource Bucket"),
            ("Sqs__QueueUrl=${Reports}", "Sqs__QueueUrl=${Report}", "Outputs.Settings.Value.Fn::Sub: there is no parameter or resource Report"),
            ("Condition: HasPublicOrigin", "Condition: HasOrigin", "Webhook.Condition: there is no condition HasOrigin"),
            ("- HasPublicOrigin", "- HasOrigin", "Fn::If: there is no condition HasOrigin"),
            ("DependsOn: DeadLettersPolicy", "DependsOn: DeadLetterPolicy", "Webhook.DependsOn: there is no resource DeadLetterPolicy"),
            ("UpdateReplacePolicy:", "UpdatePolicies:", "MediaBucket: a resource has no UpdatePolicies"),
            ("Outputs:", "Output:", "Output: there is no such section"),
        ])
        {
            Assert.Contains(right, Template, StringComparison.Ordinal);
            Assert.Contains(await MistakesAsync(folder, Template.Replace(right, wrong, StringComparison.Ordinal)), mistake => mistake.Contains(words, StringComparison.Ordinal));
        }
    }

    private static async Task<TempFolder> InstalledAsync()
    {
        var folder = new TempFolder();
        await folder.InstallAsync("@aws-cdk/cfnspec@2.72.1", "yaml@2.8.1");
        return folder;
    }

    private static async Task<string[]> MistakesAsync(TempFolder folder, string template)
    {
        await File.WriteAllTextAsync(folder.File("template.yaml"), template, TestContext.Current.CancellationToken);
        return await folder.AskAsync("BlazorTranscode.Tests/Aws/template-check.js", folder.File("template.yaml"));
    }
}
