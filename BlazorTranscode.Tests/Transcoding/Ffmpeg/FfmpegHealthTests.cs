using System.ComponentModel.DataAnnotations;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.Ffmpeg;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

public sealed partial class FfmpegHealthTests : IDisposable
{
    // Works only where it sees the machine's own files: what a machine without user namespaces looks like from here.
    private const string RefusesSandbox = "[ -e /etc/passwd ] || { echo 'bwrap: No permissions to create new namespace' >&2; exit 1; }; exec /usr/bin/ffmpeg \"$@\"";
    private readonly TempFolder _programs = new();

    public void Dispose() => _programs.Dispose();

    [Fact]
    public async Task Start_RealFfmpeg_CanWork()
    {
        using var bench = FfmpegBench.Create();
        Assert.NotNull(bench.Transcoder.Unavailable);

        await bench.Health.StartAsync(TestContext.Current.CancellationToken);

        Assert.Null(bench.Transcoder.Unavailable);
        Assert.True(bench.Sandbox.Isolated);
    }

    [Theory]
    [InlineData("ffmpeg")]
    [InlineData("ffprobe")]
    public async Task Start_ProgramMissing_SaysWhich(string program)
    {
        using var bench = FfmpegBench.Create(new() { Path = SickFfmpegTests.WriteFake(_programs, "exit 0") });
        File.Delete(_programs.File(program));

        await bench.Health.StartAsync(TestContext.Current.CancellationToken);

        Assert.Contains($"{_programs.File(program)} is missing", bench.Transcoder.Unavailable, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_EncoderMissing_SaysWhich()
    {
        using var bench = FfmpegBench.Create(new() { Path = SickFfmpegTests.WriteFake(_programs, "/usr/bin/ffmpeg \"$@\" | grep -v libmp3lame") });

        await bench.Health.StartAsync(TestContext.Current.CancellationToken);

        Assert.Contains("built without libmp3lame", bench.Transcoder.Unavailable, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_NoSandbox_RefusesAndNamesTheSetting()
    {
        using var bench = FfmpegBench.Create(new() { Path = SickFfmpegTests.WriteFake(_programs, RefusesSandbox) });

        await bench.Health.StartAsync(TestContext.Current.CancellationToken);

        Assert.Contains("No permissions to create new namespace", bench.Transcoder.Unavailable, StringComparison.Ordinal);
        Assert.Contains("Ffmpeg:AllowUnsandboxed", bench.Transcoder.Unavailable, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_NoSandboxButAllowed_WorksWithout()
    {
        using var bench = FfmpegBench.Create(new() { Path = SickFfmpegTests.WriteFake(_programs, RefusesSandbox), AllowUnsandboxed = true });

        await bench.Health.StartAsync(TestContext.Current.CancellationToken);

        Assert.Null(bench.Transcoder.Unavailable);
        Assert.False(bench.Sandbox.Isolated);
        var report = await bench.TranscodeAsync(await bench.MakeAsync("a.mp3", "-f lavfi -i sine=d=1 OUT"));
        Assert.True(report.State == JobState.Succeeded, $"{report.Reason} {report.Detail}");
    }

    [Fact]
    public async Task Start_AllowedButSandboxWorks_UsesIt()
    {
        using var bench = FfmpegBench.Create(new() { AllowUnsandboxed = true });

        await bench.Health.StartAsync(TestContext.Current.CancellationToken);

        Assert.True(bench.Sandbox.Isolated);
    }

    [Fact]
    public async Task App_Started_HasTheEngineReady()
    {
        await using var app = TestApp.Start();

        Assert.Null(app.Get<ITranscoder>().Unavailable);
    }

    [Fact]
    public async Task App_WithoutFfmpeg_StartsAndSaysSo()
    {
        await using var app = TestApp.Start(new() { ["Ffmpeg:Path"] = "/nowhere/ffmpeg" });

        Assert.Contains("/nowhere/ffmpeg is missing", app.Get<ITranscoder>().Unavailable, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_Defaults_AreValid() => Assert.Empty(Complaints(new()));

    [Fact]
    public void Options_Absurd_AreRefused()
    {
        FfmpegOptions[] absurd =
        [
            new() { Path = "ffmpeg" }, new() { Path = "" }, new() { MaxDuration = TimeSpan.Zero }, new() { MaxOutputBytes = 0 }, new() { MemoryBytes = 1 << 20 },
            new() { TimeFactor = 0 }, new() { StallTimeout = TimeSpan.Zero },
        ];

        Assert.All(absurd, options => Assert.NotEmpty(Complaints(options)));
    }

    private static List<ValidationResult> Complaints(FfmpegOptions options)
    {
        var complaints = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), complaints, validateAllProperties: true);
        return complaints;
    }
}
