using System.Net;
using System.Security.Cryptography;
using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Flow;

/// <summary>
/// Kill points K03 to K06 in AWS mode: the app is a process of its own, the bytes go as parts into a real S3, and it dies by SIGKILL at
/// the named place. After the restart nothing is lost and nothing happens twice, at MediaConvert neither.
/// </summary>
public sealed class S3KillTests(Swift swift) : IAsyncLifetime
{
    private const int FirstPiece = 3_000_000;

    private readonly TempFolder _files = new();
    private readonly Dictionary<string, string> _settings = [];
    private AwsSimulator _aws = null!;
    private S3Options _bucket = null!;
    private Amazon.S3.AmazonS3Client _client = null!;
    private byte[] _source = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _aws = await AwsSimulator.StartAsync();
        _bucket = await swift.NewBucketAsync();
        _client = Swift.Client(_bucket);
        var topic = _aws.CreateTopic();
        (_aws.MediaConvert.Work, _aws.MediaConvert.Topic, topic.Queue) = (new FfmpegWork(_client).DoAsync, topic, _aws.Queue);
        foreach (var (name, value) in AwsFlowTests.SettingsFor(_aws, topic, _bucket))
            _settings[name.Replace(":", "__", StringComparison.Ordinal)] = value!;
        _settings["Sqs__QueueUrl"] = _aws.Queue.Url;
        _source = await File.ReadAllBytesAsync(await _files.ToneAsync("tone.wav", 120, "-ac", "2", "-ar", "44100"), Token);
        Assert.InRange(_source.Length, 2.5 * S3MediaStore.PartLength, 3 * S3MediaStore.PartLength);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _aws.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task BetweenTwoParts_TheUploadGoesOnAfterTheLastOne()
    {
        _settings["CRASH_AT"] = "part-stored:2";
        using var app = await AppProcess.StartAsync(_settings);
        var anna = await app.RegisterAsync("anna");
        var url = await UploadUntilKilledAsync(app, anna);

        var tus = new TusClient(anna);
        var offset = (int)await tus.OffsetAsync(url);
        Assert.Equal(2 * S3MediaStore.PartLength, offset);
        using (var rest = await tus.PatchAsync(url, offset, _source[offset..]))
            Assert.Equal(HttpStatusCode.NoContent, rest.StatusCode);

        await AssertOneOfEverythingAsync(app, anna, url);
    }

    [Theory]
    [InlineData("K03", "parts-joined:1")]
    [InlineData("K03", "upload-stored:1")]
    [InlineData("K04", "upload-committed:1")]
    public async Task WhenTheLastByteHasCome_TheUploadIsFinishedWithoutAnybodyAskingAgain(string row, string at)
    {
        Assert.NotEmpty(row);
        _settings["CRASH_AT"] = at;
        using var app = await AppProcess.StartAsync(_settings);
        var anna = await app.RegisterAsync("anna");
        var url = await UploadUntilKilledAsync(app, anna);

        await AssertOneOfEverythingAsync(app, anna, url);
    }

    [Theory]
    [InlineData("K05", false)]
    [InlineData("K06", true)]
    public async Task WhilePlacingTheOrder_ItIsPlacedOnce(string row, bool isTaken)
    {
        Assert.NotEmpty(row);
        using var app = await AppProcess.StartAsync(_settings);
        var anna = await app.RegisterAsync("anna");
        Task? killed = null;
        var work = _aws.MediaConvert.Work!;
        if (isTaken)
        {
            _aws.MediaConvert.LoseNextAnswer = true;
            _aws.MediaConvert.Work = job =>
            {
                killed ??= app.KillAsync();
                return work(job);
            };
        }
        else
        {
            _aws.MediaConvert.Fault = request =>
            {
                if (request.Method != "POST" || killed is not null)
                    return null;
                killed = app.KillAsync();
                return (503, "ServiceUnavailable");
            };
        }

        var tus = new TusClient(anna);
        var url = await tus.CreateAsync(_source.Length, "tone.wav", "mp3");
        try
        {
            using var answer = await tus.PatchAsync(url, 0, _source);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }
        catch (HttpRequestException)
        {
            // It may be killed before the answer has left.
        }

        await Eventually.TrueAsync(() => killed?.IsCompleted is true);
        await app.StartAgainAsync();

        await AssertOneOfEverythingAsync(app, anna, url);
        await using var db = app.CreateDbContext();
        var job = await db.TranscodeJobs.SingleAsync(Token);
        Assert.Equal((2, 0, 1), (job.Attempt, job.Failures, job.Interruptions));
    }

    /// <summary>Sends a short piece and then the rest, and starts the app again, without its death sentence, when it has died of that.</summary>
    private async Task<string> UploadUntilKilledAsync(AppProcess app, TestUser user)
    {
        var tus = new TusClient(user);
        var url = await tus.CreateAsync(_source.Length, "tone.wav", "mp3");
        using (var first = await tus.PatchAsync(url, 0, _source[..FirstPiece]))
            Assert.Equal(FirstPiece, TusClient.Offset(first));

        await Assert.ThrowsAsync<HttpRequestException>(() => tus.PatchAsync(url, FirstPiece, _source[FirstPiece..]));

        await Eventually.TrueAsync(() => app.HasExited);
        _settings.Remove("CRASH_AT");
        await app.StartAgainAsync();
        return url;
    }

    private async Task AssertOneOfEverythingAsync(AppProcess app, TestUser user, string url)
    {
        await KillTests.AllAreToldOnceAsync(app, 1);
        Assert.Equal(_source.Length, await new TusClient(user).OffsetAsync(url));
        await using var db = app.CreateDbContext();
        var job = await db.TranscodeJobs.SingleAsync(Token);
        Assert.Equal((JobState.Succeeded, Assert.Single(_aws.MediaConvert.Jobs.Keys)), (job.State, job.EngineJobId));

        var id = TusClient.IdOf(url);
        using var link = await user.Client.GetAsync(new Uri($"files/{id}/source", UriKind.Relative), Token);
        var original = await _aws.Http.GetByteArrayAsync(link.Headers.Location, Token);
        Assert.Equal(SHA256.HashData(_source), SHA256.HashData(original));

        var rendition = (await db.Renditions.SingleAsync(Token)).StorageKey;
        var objects = await _client.ListObjectsV2Async(new() { BucketName = _bucket.Bucket }, Token);
        Assert.Equal([".blazortranscode-store", rendition, $"sources/{id:N}"], objects.S3Objects.Select(o => o.Key).Order(StringComparer.Ordinal));
        Assert.Empty((await _client.ListMultipartUploadsAsync(_bucket.Bucket, Token)).MultipartUploads ?? []);
    }
}
