using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;
using BlazorTranscode.Tests.Uploads;

namespace BlazorTranscode.Benchmarks;

/// <summary>
/// What an upload to S3 costs in memory: the whole app in a process of its own, a real S3 server, one PATCH for all of the file. A warm-up
/// of 1 GiB comes first: until then code is compiled, pools fill and garbage waits for its first collection, whatever is uploaded.
/// </summary>
internal static class S3UploadBenchmark
{
    private const int MiB = 1 << 20;
    private const long WarmUp = 1024L * MiB;

    public static async Task RunAsync()
    {
        await using var swift = new Swift();
        foreach (var size in (long[])[20L * MiB, 1024L * MiB, 20L * MiB, 1024L * MiB])
        {
            var bucket = await swift.NewBucketAsync();
            using var folder = new TempFolder();
            using var server = await Server.StartAsync(
                typeof(Data.AppDbContext).Assembly.Location, "--urls", "{address}", "--Data:Folder", folder.Path, "--Accounts:Registration", "Open",
                "--Storage:Provider", "S3", "--Storage:S3:Bucket", bucket.Bucket, "--Storage:S3:ServiceUrl", bucket.ServiceUrl,
                "--Storage:S3:ForcePathStyle", "true", "--Storage:S3:AccessKey", bucket.AccessKey, "--Storage:S3:SecretKey", bucket.SecretKey);
            var anna = await RegisterAsync(new($"http://localhost:{server.Port}/"));
            await UploadAsync(anna, WarmUp);
            var before = server.Memory.Most;
            var watch = Stopwatch.StartNew();
            await UploadAsync(anna, size);
            Console.WriteLine($"{size / MiB,5} MiB: {(server.Memory.Most - before) / (double)MiB:F1} MiB above the {before / MiB} MiB of before, {size / MiB / watch.Elapsed.TotalSeconds:F0} MiB/s");
        }
    }

    private static async Task<TusClient> RegisterAsync(Uri address)
    {
        const string Password = "three quiet herons wade";
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using var answer = await client.PostFormAsync("account/register", new()
        {
            ["Input.Email"] = "anna@example.org", ["Input.Password"] = Password, ["Input.Repeat"] = Password,
        });
        return answer.StatusCode is HttpStatusCode.Found ? new(new("", "", "", client, new())) : throw new InvalidOperationException($"Registering was answered with {answer.StatusCode}.");
    }

    /// <summary>All but the last byte, so that no job begins: it would count its own memory into this.</summary>
    private static async Task UploadAsync(TusClient tus, long size)
    {
        var url = await tus.CreateAsync(size + 1);
        using var answer = await tus.PatchAsync(url, 0, new RepeatedContent(TusClient.Bytes(MiB), (int)(size / MiB)));
        answer.EnsureSuccessStatusCode();
    }
}
