using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding.Ffmpeg;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>An ffprobe that tells long stories, nonsense, or nothing: a script in its place.</summary>
public sealed class SickFfprobeTests : IDisposable
{
    private readonly TempFolder _programs = new();

    public void Dispose() => _programs.Dispose();

    [Theory]
    [InlineData("yes '{' | head -c 5000000", "too complicated")]
    [InlineData("echo '{'", "too complicated")]
    [InlineData("exit 0", "too complicated")]
    [InlineData("echo '{}'", "no sound")]
    [InlineData("echo '[]'", "too complicated")]
    [InlineData("echo '{\"streams\":7}'", "too complicated")]
    [InlineData("echo null", "no sound")]
    [InlineData("echo '{\"streams\":[7]}'", "too complicated")]
    [InlineData("echo '{\"streams\":[null,{},{\"codec_type\":\"video\"}]}'", "no sound")]
    [InlineData("echo '{\"streams\":[{\"codec_type\":\"audio\",\"channels\":\"many\"}]}'", "too complicated")]
    [InlineData("echo '{\"streams\":[{\"codec_type\":\"audio\",\"channels\":9,\"sample_rate\":\"44100\"}]}'", "9 channels")]
    [InlineData("echo '{\"streams\":[{\"codec_type\":\"audio\",\"channels\":2,\"sample_rate\":\"44100\",\"duration\":\"1e400\"}]}'", "")]
    [InlineData("echo '{\"streams\":[{\"codec_type\":\"audio\",\"channels\":2,\"sample_rate\":\"44100\"}]}'", "not audio")]
    public async Task Transcode_UselessAnswer_FailsForGood(string script, string reason)
    {
        using var bench = Bench(script);

        DamagedSourceTests.AssertRefused(await bench.TranscodeAsync("anything"u8.ToArray()), reason);
    }

    [Fact]
    public async Task Read_NoAnswer_IsEndedAfterTenSeconds()
    {
        var marker = new Marker();
        using var bench = Bench($"bash -c 'sleep 1000; echo {marker}'");
        var time = new FakeTimeProvider();
        var probe = new Ffprobe(bench.Sandbox, Options.Create(new FfmpegOptions { Path = _programs.File("ffmpeg") }), time);
        Directory.CreateDirectory(bench.File("job/out"));
        await File.WriteAllTextAsync(bench.File("job/source"), "song", TestContext.Current.CancellationToken);
        var reading = probe.ReadAsync(bench.File("job"), SandboxCommand.Source, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(marker.IsRunning);

        time.Advance(TimeSpan.FromSeconds(10));

        var failure = await Assert.ThrowsAsync<FfmpegException>(() => reading);
        Assert.True(failure.Retryable);
        Assert.Contains("10 seconds", failure.Message, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => !marker.IsRunning());
    }

    private FfmpegBench Bench(string script)
    {
        var path = SickFfmpegTests.WriteFake(_programs, "exit 1");
        File.Delete(_programs.File("ffprobe"));
        SickFfmpegTests.WriteProgram(_programs, "ffprobe", script);
        return FfmpegBench.Create(new() { Path = path });
    }
}
