using System.Diagnostics;
using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.Ffmpeg;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>An ffmpeg that hangs, floods, dies or lies: a script in its place. ffprobe is the real one.</summary>
public sealed class SickFfmpegTests : IDisposable
{
    private readonly TempFolder _programs = new();

    public void Dispose() => _programs.Dispose();

    [Theory]
    [InlineData("exit 139", "interrupted", true)]
    [InlineData("kill -9 $$", "interrupted", true)]
    [InlineData("kill -XCPU $$", "computing time", false)]
    [InlineData("echo '[out#0] Error writing trailer: No space left on device' >&2; exit 1", "not enough room", true)]
    [InlineData("echo 'audio.wav: Cannot allocate memory' >&2; exit 1", "memory", false)]
    [InlineData("echo 'ffmpeg: error while loading shared libraries: libblas.so.3' >&2; exit 127", "could not be started", true)]
    [InlineData("echo out_time_us=1000000; exit 69", "Most of it is damaged", false)]
    [InlineData("echo out_time_us=1000000; echo strange >&2; exit 1", "stopped halfway", true)]
    [InlineData("echo strange >&2; exit 1", "not audio", false)]
    [InlineData("exit 0", "no sound", false)]
    [InlineData("echo out_time_us=3000000; exit 0", "could not be made", true)]
    [InlineData("echo out_time_us=3000000; : > audio.wav", "could not be made", true)]
    [InlineData("echo out_time_us=3000000; ln -s ../source audio.wav", "could not be made", true)]
    [InlineData("echo out_time_us=60000000; cp ../source audio.wav", "wrong length", true)]
    [InlineData("echo out_time_us=99999999999999999999; echo out_time_us=; echo out_time_us=-5; echo out_time_us=N/A; echo =; cp ../source audio.wav", "no sound", false)]
    [InlineData("yes | head -c 20000000; yes | head -c 20000000 >&2; exit 1", "not audio", false)]
    public async Task Transcode_BadEnd_IsAReportWithASentence(string script, string reason, bool retryable)
    {
        using var bench = Bench(script);

        var report = await bench.TranscodeAsync(await SongAsync(bench));

        Assert.Equal((JobState.Failed, retryable), (report.State, report.Retryable));
        Assert.Contains(reason, report.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(bench.Work, report.Detail ?? "", StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(bench.Work));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Transcode_Hang_IsEndedWithItsFamily(bool isolated)
    {
        var marker = new Marker();
        using var bench = Bench($"trap '' TERM; (trap '' TERM; bash -c 'sleep 1000; echo {marker}') & echo out_time_us=1000000; while :; do sleep 1000; done", new() { StallTimeout = TimeSpan.FromSeconds(1) });
        bench.Sandbox.Isolated = isolated;

        var report = await bench.TranscodeAsync(await SongAsync(bench));

        Assert.Equal((JobState.Failed, true, "The conversion hung and was stopped."), (report.State, report.Retryable, report.Reason));
        await Eventually.TrueAsync(() => !marker.IsRunning());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Transcode_Cancelled_EndsTheFamilyAndLeavesNothing(bool isolated)
    {
        var marker = new Marker();
        using var bench = Bench($"bash -c 'sleep 1000; echo {marker}' & sleep 1000");
        bench.Sandbox.Isolated = isolated;
        var order = await bench.OrderAsync(await SongAsync(bench));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var work = bench.Transcoder.StartAsync(order, new Progress<double>(), cancel.Token);
        await Eventually.TrueAsync(marker.IsRunning);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        await Eventually.TrueAsync(() => !marker.IsRunning());
        Assert.Empty(Directory.GetFileSystemEntries(bench.Work));
    }

    [Fact]
    public async Task Transcode_RealFfmpegKilled_CanBeTriedAgain()
    {
        using var bench = FfmpegBench.Create();
        var source = await bench.MakeAsync("long.flac", "-f lavfi -i anoisesrc=d=1800:r=8000 OUT");
        var order = await bench.OrderAsync(source, [.. Preset.All]);
        var begun = new TaskCompletionSource();
        var work = bench.Transcoder.StartAsync(order, new Begun(begun), TestContext.Current.CancellationToken);
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);

        // The sandbox of this job names the job's folder; the one with ffmpeg in it is the only one that runs now.
        var folder = $"{order.JobId:N}-1";
        foreach (var process in Process.GetProcessesByName("bwrap").Where(p => CommandLine(p.Id).Contains(folder, StringComparison.Ordinal)))
            process.Kill();

        var report = await work;
        Assert.Equal((JobState.Failed, true, "The converter was interrupted."), (report.State, report.Retryable, report.Reason));
    }

    [Fact]
    public async Task Transcode_Detail_HoldsCodeAndLastLinesAndNothingThatADatabaseRefuses()
    {
        using var bench = Bench("i=0; while [ $i -lt 2000 ]; do echo \"line $i\" >&2; i=$((i+1)); done; printf 'odd \\000\\007\\r\\377 end\\n' >&2; exit 3");

        var detail = (await bench.TranscodeAsync(await SongAsync(bench))).Detail!;

        Assert.StartsWith("Exit code 3.\n", detail, StringComparison.Ordinal);
        Assert.Contains("line 1999\nodd", detail, StringComparison.Ordinal);
        Assert.InRange(detail.Length, 2000, 4000);
        Assert.DoesNotContain(detail, c => char.IsControl(c) && c != '\n');
    }

    private FfmpegBench Bench(string script, FfmpegOptions? options = null)
    {
        var path = WriteFake(_programs, script);
        options ??= new();
        options.Path = path;
        return FfmpegBench.Create(options);
    }

    /// <summary>A script instead of ffmpeg, and the real ffprobe beside it.</summary>
    internal static string WriteFake(TempFolder folder, string script)
    {
        File.CreateSymbolicLink(folder.File("ffprobe"), "/usr/bin/ffprobe");
        return WriteProgram(folder, "ffmpeg", script);
    }

    /// <summary>Another process makes the program: what this one has open for writing, a child of another test may have too, and then it cannot be run.</summary>
    internal static string WriteProgram(TempFolder folder, string name, string script)
    {
        var text = folder.File($"{name}.sh");
        File.WriteAllText(text, $"#!/bin/bash\n{script}\n");
        using var install = Process.Start("install", ["-m", "700", text, folder.File(name)]);
        install.WaitForExit();
        Assert.Equal(0, install.ExitCode);
        return folder.File(name);
    }

    private static Task<string> SongAsync(FfmpegBench bench) => bench.MakeAsync("song.wav", "-f lavfi -i sine=d=3 OUT");

    /// <summary>Nothing for a process of somebody else's test that has ended meanwhile.</summary>
    private static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private sealed class Begun(TaskCompletionSource begun) : IProgress<double>
    {
        public void Report(double value) => begun.TrySetResult();
    }
}
