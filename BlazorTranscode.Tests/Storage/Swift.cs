using System.Diagnostics;
using Amazon.S3;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;

[assembly: AssemblyFixture(typeof(Swift))]

namespace BlazorTranscode.Tests.Storage;

/// <summary>
/// A real S3 server that we did not write (<c>deploy/aws/swift</c>), started when the first test asks for a bucket. Another one can be
/// named by <c>TEST_S3_URL</c>, with <c>TEST_S3_ACCESS_KEY</c> and <c>TEST_S3_SECRET_KEY</c>.
/// </summary>
public sealed class Swift : IAsyncDisposable
{
    private readonly Lazy<Task<string>> _address;
    private readonly TempFolder _folder = new();
    private Process? _process;
    private int _buckets;

    public Swift() => _address = new(StartAsync);

    /// <summary>Settings of a new, empty bucket.</summary>
    internal async Task<S3Options> NewBucketAsync()
    {
        var options = new S3Options
        {
            Bucket = $"test-{Environment.ProcessId}-{Interlocked.Increment(ref _buckets)}",
            ServiceUrl = await _address.Value,
            ForcePathStyle = true,
            AccessKey = Environment.GetEnvironmentVariable("TEST_S3_ACCESS_KEY") ?? "test:tester",
            SecretKey = Environment.GetEnvironmentVariable("TEST_S3_SECRET_KEY") ?? "testing",
        };
        using var client = Client(options);
        await client.PutBucketAsync(options.Bucket);
        return options;
    }

    /// <summary>A client beside the store's own, to look at what it left in the bucket.</summary>
    internal static AmazonS3Client Client(S3Options options) => S3ClientFactory.Create(options);

    /// <summary>The settings of an app that keeps its media there.</summary>
    internal static Dictionary<string, string?> SettingsFor(S3Options bucket) => new()
    {
        ["Storage:Provider"] = "S3", ["Storage:S3:Bucket"] = bucket.Bucket, ["Storage:S3:ServiceUrl"] = bucket.ServiceUrl, ["Storage:S3:ForcePathStyle"] = "true",
        ["Storage:S3:AccessKey"] = bucket.AccessKey, ["Storage:S3:SecretKey"] = bucket.SecretKey,
    };

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            // The script ends its servers when nobody is at the other end of its input.
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Dispose();
    }

    private async Task<string> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("TEST_S3_URL") is { Length: > 0 } given)
            return given;
        var script = Path.Combine(Repository.Root, "deploy", "aws", "swift");
        _process = Process.Start(new ProcessStartInfo(script, [_folder.Path]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
                return line["ready ".Length..];
        }

        throw new InvalidOperationException($"{script} did not start; it needs the packages named in it.");
    }
}
