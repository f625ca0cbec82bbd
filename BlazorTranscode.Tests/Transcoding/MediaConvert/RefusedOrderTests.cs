using System.Text.Json.Nodes;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.MediaConvert;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Transcoding.MediaConvert;

/// <summary>An order that is refused: what is wrong with settings and permissions makes all jobs wait, what is wrong with the order is final.</summary>
public sealed class RefusedOrderTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly Progress<double> _progress = new();
    private AwsSimulator _aws = null!;
    private TestApp _app = null!;
    private MediaConvertTranscoder _engine = null!;

    public static TheoryData<int, string, string> Settings { get; } = new()
    {
        { 400, "BadRequestException", "The role arn:aws:iam::000000000000:role/transcoder does not exist." },
        { 400, "BadRequestException", "containerSettings is a required property" },
        { 400, "BadRequestException", "Something that we do not understand." },
        { 402, "ServiceQuotaExceededException", "Too many jobs." },
        { 403, "AccessDeniedException", "is not authorized to perform: mediaconvert:CreateJob" },
        { 404, "NotFoundException", "The queue does not exist." },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _aws = await AwsSimulator.StartAsync();
        // Its clock is the test's, so that a probe comes when a test wants it. The bucket does not exist, and is not looked at.
        _app = TestApp.Start(MediaConvertTranscoderTests.SettingsFor(_aws), services =>
        {
            services.AddSingleton<MediaConvertTranscoder>(provider => ActivatorUtilities.CreateInstance<MediaConvertTranscoder>(provider, _time));
            foreach (var look in services.Where(s => s.ImplementationType == typeof(StorageWatch) || s.ImplementationType == typeof(StoreUpkeep)).ToList())
                services.Remove(look);
        });
        _app.Get<StoreOwnership>().Become(StoreState.Ours);
        _engine = _app.Get<MediaConvertTranscoder>();
        await Eventually.TrueAsync(() => _engine.Unavailable is null);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _aws.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task AboutSettings_IsNoFailureOfTheFile_AndNamedToTheAdministrator(int status, string code, string message)
    {
        _aws.MediaConvert.OrderFault = _ => (status, code, message);

        var report = await StartAsync();

        Assert.Contains(message, report.Outage, StringComparison.Ordinal);
        Assert.Null(report.Detail);
        Assert.Contains(message, _engine.Unavailable, StringComparison.Ordinal);
        Assert.False(_engine.Admits);
    }

    [Theory]
    [InlineData("/outputGroups/0/outputs/0: the codec OPUS is not supported in container OGG.")]
    [InlineData("sampleRate should be between 22050 and 48000.")]
    public async Task AboutAFormat_IsFinal_AndHoldsUpNothingElse(string message)
    {
        _aws.MediaConvert.OrderFault = _ => (400, "BadRequestException", message);

        var report = await StartAsync();

        Assert.Equal((JobState.Failed, false, null, null), (report.State, report.Retryable, report.Outage, report.Detail));
        Assert.Null(_engine.Unavailable);
    }

    [Fact]
    public async Task ARoleThatMayNotBePassed_IsAskedAboutWithOneJob_AndWhatAnswersIsNotWhatWasRefused()
    {
        _aws.MediaConvert.OrderFault = SimulatedMediaConvert.MayNotPassRole;
        Assert.NotNull((await StartAsync()).Outage);
        Assert.Contains("iam:PassRole", _engine.Unavailable, StringComparison.Ordinal);

        for (var round = 0; round < 3; round++)
        {
            await ProbeAsync();
            Assert.NotNull(_engine.Unavailable); // ListJobs has answered
            var reports = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => StartAsync()));
            Assert.All(reports, report => Assert.NotNull(report.Outage));
            Assert.Equal(round + 2, _aws.MediaConvert.Calls.Count(call => call.StartsWith("POST", StringComparison.Ordinal)));
        }

        _aws.MediaConvert.OrderFault = _ => null;
        await ProbeAsync();
        Assert.Equal(JobState.Submitted, (await StartAsync()).State);
        Assert.Null(_engine.Unavailable);
    }

    /// <summary>Settings that are wrong are wrong for all. One order that is refused while others are taken is at fault itself.</summary>
    [Fact]
    public async Task AnOrderThatIsRefused_WhileOthersAreTaken_IsFinalInTheEnd()
    {
        var poison = MediaConvertTranscoderTests.Order(1);
        _aws.MediaConvert.OrderFault = order => Is(order, poison) ? (400, "BadRequestException", "No.") : null;
        Assert.NotNull((await _engine.StartAsync(poison, _progress, Token)).Outage);
        await ProbeAsync();
        Assert.Equal(JobState.Submitted, (await StartAsync()).State);

        var report = await _engine.StartAsync(poison with { Attempt = 2 }, _progress, Token);

        Assert.Equal((JobState.Failed, false, null), (report.State, report.Retryable, report.Outage));
        Assert.Null(_engine.Unavailable);
    }

    [Fact]
    public async Task ABucketThatMayNotBeRead_KeepsJobsWaiting_UntilOneHasWorked()
    {
        var job = new TranscodeJob { Id = Guid.NewGuid(), AudioFileId = Guid.NewGuid(), OwnerId = "anna", PresetIds = ["mp3"], Attempt = 1, CreatedAt = default };
        var failed = MediaConvertEvent.Failed(new(_engine.Name, "1", JobState.Failed), "1432", "no s3:GetObject").For(job, ReportSource.Reconciler);
        _engine.Heard(failed);
        Assert.Contains("MediaConvert:Role", _engine.Unavailable, StringComparison.Ordinal);

        await ProbeAsync();
        Assert.Equal(JobState.Submitted, (await StartAsync()).State);
        Assert.NotNull(_engine.Unavailable);
        Assert.NotNull((await StartAsync()).Outage);

        _engine.Heard(new(job.Id, 1, JobState.Succeeded) { Source = ReportSource.Webhook });
        Assert.Null(_engine.Unavailable);
    }

    [Fact]
    public async Task ASilentEngine_IsDoubted_AndTrustedWhenItAnswers()
    {
        _engine.Doubt(new HttpRequestException("no answer"));
        Assert.False(_engine.Admits);

        _time.Advance(TimeSpan.FromSeconds(30));

        await Eventually.TrueAsync(() => _engine.Unavailable is null);
    }

    [Fact]
    public async Task AJob_WhileNoRoleMayBePassed_WaitsWithoutAFailure_AndIsTakenWhenOneMay()
    {
        _aws.MediaConvert.OrderFault = SimulatedMediaConvert.NoSuchRole;
        Guid id;
        await using (var db = await _app.OpenDatabaseAsync())
            id = (await db.AddJobAsync("anna", JobState.Queued, attempt: 0)).Id;
        await Eventually.TrueAsync(() => _engine.Unavailable is not null);
        for (var round = 1; round <= 4; round++)
        {
            await ProbeAsync();
            await Eventually.TrueAsync(() => _aws.MediaConvert.Calls.Count(call => call.StartsWith("POST", StringComparison.Ordinal)) == round + 1);
        }

        _aws.MediaConvert.OrderFault = _ => null;
        await ProbeAsync();

        await using var after = await _app.OpenDatabaseAsync();
        await Eventually.TrueAsync(async () => (await JobAsync()).EngineJobId is not null);
        Assert.Equal((JobState.Submitted, 0, null), ((await JobAsync()).State, (await JobAsync()).Failures, (await JobAsync()).Reason));
        async Task<TranscodeJob> JobAsync()
        {
            after.ChangeTracker.Clear();
            return (await after.TranscodeJobs.FindAsync([id], Token))!;
        }
    }

    private static bool Is(JsonObject order, TranscodeOrder other) => (string?)order["userMetadata"]![EngineReport.JobIdKey] == other.JobId.ToString();

    private Task<JobReport> StartAsync() => _engine.StartAsync(MediaConvertTranscoderTests.Order(1), _progress, Token);

    /// <summary>Lets the engine be asked whether it answers.</summary>
    private async Task ProbeAsync()
    {
        await Eventually.TrueAsync(() => !_engine.Admits);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(31));
            return _engine.Admits || _engine.Unavailable is null;
        });
    }
}
