using BlazorTranscode.Aws;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding.MediaConvert;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Transcoding.MediaConvert;

public sealed class MediaConvertOptionsTests
{
    [Fact]
    public void Settings_HalfConfigured_ListAllThatIsMissing()
    {
        var rules = new MediaConvertRules(Options.Create(new AwsOptions { Region = "eu-central-1", ServiceUrl = "nowhere" }), Options.Create(new StorageOptions()));

        var result = rules.Validate(null, new() { Role = "transcoder", Queue = "Default" });

        Assert.Collection(
            result.Failures!,
            f => Assert.StartsWith("Aws:ServiceUrl", f, StringComparison.Ordinal),
            f => Assert.StartsWith("Storage:Provider must be S3", f, StringComparison.Ordinal),
            f => Assert.StartsWith("MediaConvert:Role", f, StringComparison.Ordinal),
            f => Assert.StartsWith("MediaConvert:Queue", f, StringComparison.Ordinal));
    }
}
