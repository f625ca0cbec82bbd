using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Aws;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;
using BlazorTranscode.Tests.Transcoding.MediaConvert;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.ElasticTranscoder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Transcoding.ElasticTranscoder;

public sealed class ElasticTranscoderTranscoderTests : IAsyncLifetime
{
    private readonly Progress<double> _progress = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private AwsSimulator _aws = null!;
    private AmazonS3Stub _store = null!;
    private TestApp _app = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ElasticTranscoderTranscoder Engine => _app.Get<ElasticTranscoderTranscoder>();

    private System.Text.Json.Nodes.JsonObject OnlyJob => Assert.Single(_aws.ElasticTranscoder.Jobs.Values);

    public async ValueTask InitializeAsync()
    {
        _aws = await AwsSimulator.StartAsync();
        _store = await AmazonS3Stub.StartAsync();
        _app = TestApp.Start(SettingsFor(_aws, _store.Address), services =>
            services.AddSingleton<ElasticTranscoderTranscoder>(provider => ActivatorUtilities.CreateInstance<ElasticTranscoderTranscoder>(provider, _time)));
        await Eventually.TrueAsync(() => Engine.Unavailable is null);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _aws.DisposeAsync();
        await _store.DisposeAsync();
    }

    internal static Dictionary<string, string?> SettingsFor(AwsSimulator aws, string store) => new(MediaConvertTranscoderTests.SettingsFor(aws, store))
    {
        ["Transcoding:Engine"] = "ElasticTranscoder", ["ElasticTranscoder:Pipeline"] = "audio",
    };

    [Fact]
    public async Task Start_EveryPresetOfTheSystem_IsTakenUnderItsName_AndOpusIsRefused()
    {
        var order = Order(1, [.. Preset.All.Where(p => p != Preset.Opus)]);

        var report = await Engine.StartAsync(order, _progress, Token);

        Assert.Equal((JobState.Submitted, (string)OnlyJob["Id"]!), (report.State, report.EngineJobId));
        Assert.Equal(order.SourceKey, (string?)OnlyJob["Inputs"]![0]!["Key"]);
        Assert.Equal(
            order.Presets.Select(p => order.OutputKey(p)),
            OnlyJob["Outputs"]!.AsArray().Select(o => (string?)OnlyJob["OutputKeyPrefix"] + (string?)o!["Key"]));
        Assert.Equal(
            ["1351620000001-300020", "1351620000001-100120", "1351620000001-300110", "1351620000001-300300"],
            OnlyJob["Outputs"]!.AsArray().Select(o => (string?)o!["PresetId"]));
        Assert.All(order.Presets, preset => Assert.Null(Engine.Refuses(preset)));
        Assert.Contains("cannot make Opus", Engine.Refuses(Preset.Opus), StringComparison.Ordinal);

        var refused = await Engine.StartAsync(Order(1, Preset.Mp3, Preset.Opus), _progress, Token);
        Assert.Equal((JobState.Failed, false), (refused.State, refused.Retryable));
    }

    [Fact]
    public async Task Start_Throttled_IsSentAgain()
    {
        var refusals = 2;
        _aws.ElasticTranscoder.Fault = _ => Interlocked.Decrement(ref refusals) >= 0 ? (429, "ThrottlingException") : null;

        var report = await Engine.StartAsync(Order(1), _progress, Token);

        Assert.Equal((string)OnlyJob["Id"]!, report.EngineJobId);
    }

    [Fact]
    public async Task Start_TheAnswerIsLost_IsNotSentAgain_AndTheNextAttemptFindsTheJob()
    {
        _aws.ElasticTranscoder.LoseNextAnswer = true;
        var order = Order(1);

        var lost = await Engine.StartAsync(order, _progress, Token);
        Assert.True(Engine.Unavailable is not null && lost.Outage == Engine.Unavailable);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(31)); // It is asked twice a minute.
            return Engine.Admits;
        });
        var found = await Engine.StartAsync(order with { Attempt = 2 }, _progress, Token);

        Assert.Equal((string)OnlyJob["Id"]!, found.EngineJobId);
        await _aws.ElasticTranscoder.CompleteAsync(OnlyJob, 30);
        var answer = await Engine.AskAsync(Row(order with { Attempt = 2 }, found.EngineJobId!), Token);
        Assert.Equal((JobState.Succeeded, 2), (answer!.State, answer.Attempt));
        Assert.Equal(order.OutputKey(Preset.Mp3), Assert.Single(answer.Outputs).StorageKey);
    }

    [Fact]
    public async Task Ask_TheJobFailed_ReportsItInWords()
    {
        var order = Order(1);
        var report = await Engine.StartAsync(order, _progress, Token);
        await _aws.ElasticTranscoder.FailAsync(OnlyJob, "3001 x: The specified object does not exist.");

        var answer = await Engine.AskAsync(Row(order, report.EngineJobId!), Token);

        Assert.Equal((JobState.Failed, true), (answer!.State, answer.Retryable));
        Assert.Contains("3001", answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_StopsTheJob_AndMayBeRepeated()
    {
        var order = Order(1);
        var report = await Engine.StartAsync(order, _progress, Token);

        await Engine.CancelAsync(order.JobId, report.EngineJobId!, Token);
        await Engine.CancelAsync(order.JobId, report.EngineJobId!, Token);

        Assert.Equal("Canceled", (string?)OnlyJob["Status"]);
    }

    [Fact]
    public async Task Start_ThePipelineUsesAnotherBucket_IsUnavailableAndNamesTheSettings()
    {
        _aws.ElasticTranscoder.Bucket = "another";
        await using var app = TestApp.Start(SettingsFor(_aws, _store.Address));
        var engine = app.Get<ElasticTranscoderTranscoder>();

        await Eventually.TrueAsync(() => engine.Unavailable?.Contains("Storage:S3:Bucket is media", StringComparison.Ordinal) is true);
    }

    [Fact]
    public async Task Upload_OfAFormatThatCannotBeMade_IsGreyWithTheReason_AndRefused()
    {
        var anna = await _app.CreateUserAsync("anna");
        await using var context = await Browser.NewContextAsync(_app.Address);
        await context.SignInAsync(anna);
        var page = await context.NewPageAsync();

        await page.GotoLiveAsync("upload");

        await Expect(UploadSteps.Box(page, "Opus")).ToBeDisabledAsync();
        await Expect(UploadSteps.Box(page, "MP3")).ToBeEnabledAsync();
        await Expect(page.Locator("#note-opus")).ToHaveTextAsync(Engine.Refuses(Preset.Opus)!);
        await new TusClient(anna).PostAsync(10, TusClient.Metadata("song.mp3", "mp3,opus")).AssertRefusedAsync(HttpStatusCode.BadRequest, Engine.Refuses(Preset.Opus));
    }

    [Theory]
    [InlineData("")]
    [InlineData("https://elastictranscoder.eu-west-1.amazonaws.com")]
    public void Settings_AgainstAmazon_AreRefusedInOneClearSentence(string serviceUrl)
    {
        var aws = Options.Create(new AwsOptions { Region = "eu-west-1", ServiceUrl = serviceUrl });
        var rules = new ElasticTranscoderRules(aws, Options.Create(new StorageOptions { Provider = StorageProvider.S3 }));

        var failure = Assert.Single(rules.Validate(null, new() { Pipeline = "audio" }).Failures!);

        Assert.Contains("switched Elastic Transcoder off on 13 November 2025: choose MediaConvert", failure, StringComparison.Ordinal);
    }

    private static TranscodeOrder Order(int attempt, params Preset[] presets) =>
        new(Guid.CreateVersion7(), attempt, $"sources/{Guid.NewGuid():N}", "song.mp3", presets is [] ? [Preset.Mp3] : presets);

    private static TranscodeJob Row(TranscodeOrder order, string engineJobId) => new()
    {
        Id = order.JobId, AudioFileId = Guid.NewGuid(), OwnerId = "anna", PresetIds = [.. order.Presets.Select(p => p.Id)], Attempt = order.Attempt,
        Engine = ElasticTranscoderNotification.Engine, EngineJobId = engineJobId, CreatedAt = DateTimeOffset.UtcNow, StartedAt = DateTimeOffset.UtcNow,
    };
}
