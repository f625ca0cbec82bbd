using BlazorTranscode.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Storage;

public sealed class StorageOptionsTests
{
    [Fact]
    public void Settings_AHalfConfiguredBucket_ListAllThatIsMissing()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:Provider"] = "S3", ["Storage:S3:ServiceUrl"] = "nowhere", ["Storage:S3:SecretKey"] = "s",
        });
        builder.AddStorage();
        using var services = builder.Services.BuildServiceProvider();

        var failure = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<StorageOptions>>().Value);

        Assert.Contains("Storage:S3:Bucket is missing", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Storage:S3:ServiceUrl “nowhere” is not an address", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Storage:S3:AccessKey and Storage:S3:SecretKey belong together", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_HalfConfigured_ListsEverythingThatIsWrong()
    {
        var options = new S3Options { Bucket = "s3://Media", ServiceUrl = "s3.example.com/x", AccessKey = "a" };

        var failures = options.Failures().ToList();

        Assert.Collection(
            failures,
            first => Assert.StartsWith("Storage:S3:Bucket", first, StringComparison.Ordinal),
            second => Assert.StartsWith("Storage:S3:ServiceUrl", second, StringComparison.Ordinal),
            third => Assert.StartsWith("Storage:S3:AccessKey", third, StringComparison.Ordinal));
    }
}
