using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.Ffmpeg;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <content>What is wrong for a while only.</content>
public sealed partial class FfmpegHealthTests
{
    [Fact]
    public async Task Problem_ThatEnds_IsSeenWithinAMinute_AndWhatWorksIsLeftAlone()
    {
        var time = new FakeTimeProvider();
        // Without a sandbox it can count its runs.
        var runs = _programs.File("runs");
        var path = SickFfmpegTests.WriteFake(_programs, RefusesSandbox.Replace("exec", $"echo >> {runs}; exec", StringComparison.Ordinal));
        File.Move(path, _programs.File("away"));
        using var bench = FfmpegBench.Create(new() { Path = path, AllowUnsandboxed = true }, time);
        await bench.Health.StartAsync(TestContext.Current.CancellationToken);
        Assert.Contains("is missing", bench.Transcoder.Unavailable, StringComparison.Ordinal);

        File.Move(_programs.File("away"), path);
        time.Advance(FfmpegHealth.Pause);

        await Eventually.TrueAsync(() => bench.Transcoder.Unavailable is null);
        for (var minute = 0; minute < 10; minute++)
            time.Advance(FfmpegHealth.Pause);
        await bench.Health.LookAgainAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, File.ReadAllLines(runs).Length);
        await bench.Health.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BusyBoot_ThatLetsNothingAnswer_IsOverByItself_AndCostsNoSandbox(bool allowUnsandboxed)
    {
        var time = new FakeTimeProvider();
        var busy = _programs.File("busy");
        await File.WriteAllTextAsync(busy, "", TestContext.Current.CancellationToken);
        var path = SickFfmpegTests.WriteFake(_programs, $"[ -e {busy} ] && exec sleep 1000; exec /usr/bin/ffmpeg \"$@\"");
        using var bench = FfmpegBench.Create(new() { Path = path, AllowUnsandboxed = allowUnsandboxed }, time);
        var start = bench.Health.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return start.IsCompleted;
        });
        Assert.Contains("did not answer", bench.Transcoder.Unavailable, StringComparison.Ordinal);

        File.Delete(busy);
        time.Advance(FfmpegHealth.Pause);

        await Eventually.TrueAsync(() => bench.Transcoder.Unavailable is null);
        Assert.True(bench.Sandbox.Isolated);
        await bench.Health.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("ffmpeg")]
    [InlineData("ffprobe")]
    public async Task Upgrade_UnderTheRunningApp_LetsJobsWaitAndFailsNone(string program)
    {
        var time = new FakeTimeProvider();
        var broken = _programs.File("broken");
        using var bench = FfmpegBench.Create(new() { Path = SickFfmpegTests.WriteFake(_programs, "exec /usr/bin/ffmpeg \"$@\"") }, time);
        File.Delete(_programs.File(program));
        SickFfmpegTests.WriteProgram(_programs, program, $"[ -e {broken} ] && {{ echo '{program}: error while loading shared libraries: libavutil.so' >&2; exit 127; }}; exec /usr/bin/{program} \"$@\"");
        await bench.Health.StartAsync(TestContext.Current.CancellationToken);
        var song = await bench.MakeAsync("a.mp3", "-f lavfi -i sine=d=1 OUT");
        Assert.Equal(JobState.Succeeded, (await bench.TranscodeAsync(song)).State);

        await File.WriteAllTextAsync(broken, "", TestContext.Current.CancellationToken);
        var report = await bench.TranscodeAsync(song);

        Assert.Equal((JobState.Failed, true, true), (report.State, report.Retryable, report.Outage is not null));
        Assert.Contains("libavutil.so", bench.Transcoder.Unavailable, StringComparison.Ordinal);
        File.Delete(broken);
        time.Advance(FfmpegHealth.Pause);
        await Eventually.TrueAsync(() => bench.Transcoder.Unavailable is null);
        Assert.Equal(JobState.Succeeded, (await bench.TranscodeAsync(song)).State);
        await bench.Health.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Program_ThatOnlyOneJobCannotStart_CountsAgainstThatJob()
    {
        const string script = "case \"$*\" in *-encoders*) exec /usr/bin/ffmpeg \"$@\";; esac; echo 'bwrap: execvp: No such file' >&2; exit 1";
        using var bench = FfmpegBench.Create(new() { Path = SickFfmpegTests.WriteFake(_programs, script) });
        await bench.Health.StartAsync(TestContext.Current.CancellationToken);

        var report = await bench.TranscodeAsync(await bench.MakeAsync("a.mp3", "-f lavfi -i sine=d=1 OUT"));

        Assert.Equal((JobState.Failed, true, false), (report.State, report.Retryable, report.Outage is not null));
        Assert.Null(bench.Transcoder.Unavailable);
    }
}
