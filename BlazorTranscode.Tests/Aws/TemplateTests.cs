using System.Text.RegularExpressions;
using BlazorTranscode.Aws;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.MediaConvert;
using BlazorTranscode.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Aws;

/// <summary>The CloudFormation template and the app speak of the same settings.</summary>
public sealed partial class TemplateTests
{
    private static readonly string Template = File.ReadAllText(Repository.At("deploy/aws/template.yaml"));

    /// <summary>The output Settings, with values as CloudFormation would fill them in.</summary>
    private static readonly Dictionary<string, string?> Settings = Setting().Matches(Template).ToDictionary(
        match => match.Groups["name"].Value.Replace("__", ":", StringComparison.Ordinal),
        match => (string?)match.Groups["value"].Value
            .Replace("${MediaBucket}", "stack-mediabucket-1abc", StringComparison.Ordinal)
            .Replace("${AWS::Region}", "eu-central-1", StringComparison.Ordinal)
            .Replace("${MediaConvertRole.Arn}", "arn:aws:iam::123456789012:role/stack-MediaConvertRole-1ABC", StringComparison.Ordinal)
            .Replace("${Reports}", "https://sqs.eu-central-1.amazonaws.com/123456789012/stack-Reports-1ABC", StringComparison.Ordinal)
            .Replace("${Topic}", "arn:aws:sns:eu-central-1:123456789012:stack-Topic-1ABC", StringComparison.Ordinal));

    [Fact]
    public void Settings_EachOfThem_ExistsInTheApp()
    {
        Dictionary<string, Type> sections = new()
        {
            ["Aws"] = typeof(AwsOptions), ["MediaConvert"] = typeof(MediaConvertOptions), ["Sns"] = typeof(SnsOptions), ["Storage"] = typeof(StorageOptions),
            ["Sqs"] = typeof(SqsOptions),
            ["Transcoding"] = typeof(TranscodingOptions),
        };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings).Build();

        Assert.Equal(10, Settings.Count);
        Assert.Equal(sections.Keys.Order(), configuration.GetChildren().Select(section => section.Key).Order());
        foreach (var section in configuration.GetChildren())
            Assert.NotNull(section.Get(sections[section.Key], binder => binder.ErrorOnUnknownConfiguration = true));
    }

    [Fact]
    public void Settings_Together_LetTheAppStart()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.AddStorage();
        builder.AddTranscoding();
        builder.AddWebhooks();
        using var services = builder.Services.BuildServiceProvider();

        services.GetRequiredService<IStartupValidator>().Validate();
        Assert.Equal(TranscodingEngine.MediaConvert, services.GetRequiredService<IOptions<TranscodingOptions>>().Value.Engine);
    }

    /// <summary>Each call that the app makes, as the policy names it.</summary>
    [Theory]
    [InlineData("s3:GetObject")]
    [InlineData("s3:PutObject")]
    [InlineData("s3:DeleteObject")]
    [InlineData("s3:AbortMultipartUpload")]
    [InlineData("s3:ListMultipartUploadParts")]
    [InlineData("s3:ListBucket")]
    [InlineData("s3:ListBucketMultipartUploads")]
    [InlineData("mediaconvert:CreateJob")]
    [InlineData("mediaconvert:GetJob")]
    [InlineData("mediaconvert:ListJobs")]
    [InlineData("mediaconvert:SearchJobs")]
    [InlineData("mediaconvert:CancelJob")]
    [InlineData("sns:ConfirmSubscription")]
    [InlineData("sns:Subscribe")]
    [InlineData("sqs:ReceiveMessage")]
    [InlineData("sqs:DeleteMessage")]
    [InlineData("sqs:ChangeMessageVisibility")]
    [InlineData("iam:PassRole")]
    public void AppPolicy_AllowsWhatTheAppCalls(string action) =>
        Assert.Contains(action, Template[Template.IndexOf("  AppPolicy:", StringComparison.Ordinal)..].Split([' ', ',', '[', ']', '\n']));

    /// <summary>What an app erases by mistake can be had back, and no rule ends an upload that the app still keeps.</summary>
    [Fact]
    public void Bucket_KeepsOldVersions_AndUnfinishedUploadsLongerThanTheApp()
    {
        Assert.Matches(@"VersioningConfiguration:\s+Status: Enabled", Template);
        Assert.Matches(@"Id: ForgetOldVersions\s+Status: Enabled\s+NoncurrentVersionExpiration:\s+NoncurrentDays: 30\b", Template);
        Assert.Equal(2, Days().Count(Template));
        Assert.All(Days().Matches(Template), days => Assert.InRange(int.Parse(days.Groups[1].Value), 31, int.MaxValue));
    }

    [GeneratedRegex("(?:DaysAfterInitiation|ExpirationInDays): ([0-9]+)")]
    private static partial Regex Days();

    [GeneratedRegex(@"^      (?<name>\w+)=(?<value>.+)$", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
