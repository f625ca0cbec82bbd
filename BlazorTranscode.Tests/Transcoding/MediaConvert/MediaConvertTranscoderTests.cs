using BlazorTranscode.Audio;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.MediaConvert;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Transcoding.MediaConvert;

public sealed class MediaConvertTranscoderTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly Progress<double> _progress = new();
    private AwsSimulator _aws = null!;
    private AmazonS3Stub _store = null!;
    private TestApp _app = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private MediaConvertTranscoder Engine => _app.Get<MediaConvertTranscoder>();

    private SimulatedJob OnlyJob => Assert.Single(_aws.MediaConvert.Jobs.Values);

    public async ValueTask InitializeAsync()
    {
        _aws = await AwsSimulator.StartAsync(_time);
        _store = await AmazonS3Stub.StartAsync();
        _time.SetUtcNow(DateTimeOffset.UtcNow);
        _app = TestApp.Start(SettingsFor(_aws, _store.Address));
        await Eventually.TrueAsync(() => Engine.Unavailable is null);
        _aws.MediaConvert.Calls.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _aws.DisposeAsync();
        await _store.DisposeAsync();
    }

    /// <summary>The app with MediaConvert at the simulator.</summary>
    /// <param name="store">The address of the S3 server. The default is a port on which no server listens.</param>
    internal static Dictionary<string, string?> SettingsFor(AwsSimulator aws, string store = "http://127.0.0.1:9")
    {
        SignatureVerifier.BecomeItsIdentity();
        return new()
        {
            ["Transcoding:Engine"] = "MediaConvert", ["Transcoding:RetryDelay"] = "00:00:00.1",
            ["MediaConvert:Role"] = "arn:aws:iam::000000000000:role/transcoder", ["Aws:Region"] = "eu-central-1", ["Aws:ServiceUrl"] = aws.Origin,
            ["Storage:Provider"] = "S3", ["Storage:S3:Bucket"] = "media", ["Storage:S3:ServiceUrl"] = store,
            ["Storage:S3:AccessKey"] = "a", ["Storage:S3:SecretKey"] = "s",
        };
    }

    [Fact]
    public async Task Start_EveryPreset_IsTakenAndLiesUnderTheOrdersKeys()
    {
        var order = Order(1, [.. Preset.All]);

        var report = await Engine.StartAsync(order, _progress, Token);

        Assert.Equal((JobState.Submitted, OnlyJob.Id), (report.State, report.EngineJobId));
        Assert.Equal(order.Presets.Select(p => $"s3://media/{order.OutputKey(p)}"), OnlyJob.Outputs.Select(o => o.Path));
        Assert.Equal($"s3://media/{order.SourceKey}", OnlyJob.Source);
        Assert.All(Preset.All, preset => Assert.Null(Engine.Refuses(preset)));
    }

    [Theory]
    [InlineData(429, "TooManyRequestsException")]
    [InlineData(500, "InternalServerErrorException")]
    [InlineData(503, "ServiceUnavailable")]
    public async Task Start_RefusedForAMoment_IsTakenOnce(int status, string code)
    {
        var refusals = 2;
        _aws.MediaConvert.Fault = _ => Interlocked.Decrement(ref refusals) >= 0 ? (status, code) : null;

        var report = await Engine.StartAsync(Order(1), _progress, Token);

        Assert.Equal(OnlyJob.Id, report.EngineJobId);
        Assert.Equal(3, _aws.MediaConvert.Calls.Count);
    }

    [Fact]
    public async Task Start_TheAnswerIsLost_IsAskedAgainAndMakesNoSecondJob()
    {
        _aws.MediaConvert.LoseNextAnswer = true;

        var report = await Engine.StartAsync(Order(1), _progress, Token);

        Assert.Equal(OnlyJob.Id, report.EngineJobId);
        Assert.Equal(2, _aws.MediaConvert.Calls.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(61)]
    public async Task Start_AfterACrashBetweenTheCallAndOurCommit_FindsTheJob(int seconds)
    {
        var order = Order(1);
        var lost = await Engine.StartAsync(order, _progress, Token);
        _time.Advance(TimeSpan.FromSeconds(seconds));

        var report = await Engine.StartAsync(order with { Attempt = 2 }, _progress, Token);

        Assert.Equal((OnlyJob.Id, 2), (report.EngineJobId, report.Attempt));
        Assert.Equal(lost.EngineJobId, report.EngineJobId);

        // Its outputs lie where the first attempt ordered them, and count for the second.
        await _aws.MediaConvert.CompleteAsync(OnlyJob, TimeSpan.FromSeconds(30));
        var answer = await Engine.AskAsync(Row(order with { Attempt = 2 }, report.EngineJobId!), Token);
        Assert.Equal((JobState.Succeeded, 2), (answer!.State, answer.Attempt));
        Assert.Equal(order.OutputKey(Preset.Mp3), Assert.Single(answer.Outputs).StorageKey);
        Assert.Equal(TimeSpan.FromSeconds(30), answer.SourceDuration);
    }

    [Fact]
    public async Task Start_AfterAnAttemptThatFailed_PlacesANewOrder()
    {
        var order = Order(1);
        await Engine.StartAsync(order, _progress, Token);
        await _aws.MediaConvert.FailAsync(OnlyJob, 1999, "Unknown");

        await Engine.StartAsync(order with { Attempt = 2 }, _progress, Token);

        Assert.Equal(2, _aws.MediaConvert.Jobs.Count);
    }

    [Theory]
    [InlineData(1021, false)]
    [InlineData(1999, true)]
    public async Task Ask_TheJobFailed_ReportsItInWords(int code, bool retryable)
    {
        var order = Order(1);
        var report = await Engine.StartAsync(order, _progress, Token);
        await _aws.MediaConvert.FailAsync(OnlyJob, code, "words of the engine");

        var answer = await Engine.AskAsync(Row(order, report.EngineJobId!), Token);

        Assert.Equal((JobState.Failed, retryable), (answer!.State, answer.Retryable));
        Assert.Contains($"{code}: words of the engine", answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_TheJobVanished_WaitsAWhileAndThenAsksForAnother()
    {
        var order = Order(1);
        var job = Row(order, "1-nothere");

        Assert.Null(await Engine.AskAsync(job, Token));
        job.StartedAt = DateTimeOffset.UtcNow.AddMinutes(-3);
        var answer = await Engine.AskAsync(job, Token);

        Assert.Equal((JobState.Failed, true), (answer!.State, answer.Retryable));
    }

    [Fact]
    public async Task Cancel_StopsTheJob_AndMayBeRepeated()
    {
        var order = Order(1);
        var report = await Engine.StartAsync(order, _progress, Token);

        await Engine.CancelAsync(order.JobId, report.EngineJobId!, Token);
        await Engine.CancelAsync(order.JobId, report.EngineJobId!, Token);
        await Engine.CancelAsync(order.JobId, "1-nothere", Token);

        Assert.Equal("CANCELED", OnlyJob.Status);
    }

    internal static TranscodeOrder Order(int attempt, params Preset[] presets) =>
        new(Guid.CreateVersion7(), attempt, $"sources/{Guid.NewGuid():N}", "song.mp3", presets is [] ? [Preset.Mp3] : presets);

    private static TranscodeJob Row(TranscodeOrder order, string engineJobId) => new()
    {
        Id = order.JobId, AudioFileId = Guid.NewGuid(), OwnerId = "anna", PresetIds = [.. order.Presets.Select(p => p.Id)], Attempt = order.Attempt,
        Engine = MediaConvertEvent.Engine, EngineJobId = engineJobId, CreatedAt = DateTimeOffset.UtcNow, StartedAt = DateTimeOffset.UtcNow,
    };
}
