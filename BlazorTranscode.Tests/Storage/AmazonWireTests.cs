using System.Net;
using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Uploads;

namespace BlazorTranscode.Tests.Storage;

/// <summary>
/// The app as it is set up for Amazon: no <c>ServiceUrl</c>, and region and credentials from the environment. Only the SDK's own variable
/// leads it to a stub; it is the environment of a process, so the app is one.
/// </summary>
public sealed class AmazonWireTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upload_InSeveralParts_IsTakenByTheRulesOfAmazon()
    {
        await using var amazon = await AmazonS3Stub.StartAsync();
        using var app = await AppProcess.StartAsync(new()
        {
            ["Storage__Provider"] = "S3", ["Storage__S3__Bucket"] = "media", ["AWS_ENDPOINT_URL_S3"] = amazon.Address, ["AWS_REGION"] = "eu-central-1",
            ["AWS_ACCESS_KEY_ID"] = "AKIASTUB", ["AWS_SECRET_ACCESS_KEY"] = "secret", ["AWS_EC2_METADATA_DISABLED"] = "true",
        });
        using var http = new HttpClient { BaseAddress = app.Address };
        await Eventually.TrueAsync(async () =>
        {
            using var ready = await http.GetAsync(new Uri(Health.ReadyPath, UriKind.Relative), Stop);
            var report = await ready.Content.ReadAsStringAsync(Stop);
            Assert.DoesNotContain("does not do what the app needs", report, StringComparison.Ordinal);
            return report.Contains("\"storage\":{\"status\":\"Healthy\"", StringComparison.Ordinal);
        });
        var bytes = TusClient.Bytes(20_000_000);
        var tus = new TusClient(await app.RegisterAsync("anna"));
        var url = await tus.CreateAsync(bytes.Length);

        using (var first = await tus.PatchAsync(url, 0, bytes[..9_000_000]))
            Assert.Equal(9_000_000, TusClient.Offset(first));
        using (var rest = await tus.PatchAsync(url, 9_000_000, bytes[9_000_000..]))
            Assert.Equal(HttpStatusCode.NoContent, rest.StatusCode);

        Assert.All(amazon.Refusals, refusal => Assert.StartsWith("NoSuchKey", refusal, StringComparison.Ordinal));
        Assert.Equal(bytes, amazon.Objects[$"sources/{TusClient.IdOf(url):N}"]);
    }
}
