using BlazorTranscode.Audio;
using BlazorTranscode.Transcoding;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>Sources that are too long, too large, too many or too odd.</summary>
public sealed class LimitTests : IDisposable
{
    private const string CoverLost = "Its cover picture could not be kept in every format.";
    private readonly FfmpegBench _bench = FfmpegBench.Create();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("declares.flac", "", false)]
    [InlineData("declares-nothing.aac", "-c:a aac", true)]
    public async Task Transcode_TooLong_FailsForGoodAndBeginsOnlyIfItMust(string name, string coding, bool begins)
    {
        using var bench = FfmpegBench.Create(new() { MaxDuration = TimeSpan.FromSeconds(36) });
        var source = await bench.MakeAsync(name, $"-f lavfi -i sine=d=60 {coding} OUT".Replace("  ", " ", StringComparison.Ordinal));

        DamagedSourceTests.AssertRefused(await bench.TranscodeAsync(source), "longer than 0.01 hours");
        Assert.Equal(begins, bench.Progress.Count > 0);
    }

    [Fact]
    public async Task Transcode_LittleThatBecomesMuch_IsStoppedAtTheLimit()
    {
        using var bench = FfmpegBench.Create(new() { MaxOutputBytes = 8 << 20 });
        var source = await bench.MakeAsync("silence.flac", "-f lavfi -i anullsrc=r=44100:d=600 OUT");
        Assert.True(new FileInfo(source).Length < 1 << 20);

        DamagedSourceTests.AssertRefused(await bench.TranscodeAsync(source, [.. Preset.All]), "larger than this server allows");
        Assert.Empty(Directory.GetFileSystemEntries(bench.Work));
    }

    [Fact]
    public async Task Transcode_LessMemoryThanItTakes_FailsWithASentence()
    {
        var source = await ManyStreamsAsync(_bench, 500);
        using var bench = FfmpegBench.Create(new() { MemoryBytes = 512 << 20 });

        var report = await bench.TranscodeAsync(source);

        Assert.Equal(JobState.Failed, report.State);
        Assert.Contains("memory", report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transcode_FiveHundredStreams_TakesOne()
    {
        var report = await _bench.TranscodeAsync(await ManyStreamsAsync(_bench, 500), [.. Preset.All]);

        Assert.True(report.State == JobState.Succeeded, $"{report.Reason} {report.Detail}");
        Assert.Equal(1, report.SourceDuration!.Value.TotalSeconds, 0.2);
    }

    [Fact]
    public async Task Transcode_TenThousandChapters_Succeeds()
    {
        await File.WriteAllLinesAsync(
            _bench.File("chapters"), [";FFMETADATA1", .. Enumerable.Range(0, 10_000).Select(i => $"[CHAPTER]\nTIMEBASE=1/10000\nSTART={i}\nEND={i + 1}\ntitle=c{i}")],
            TestContext.Current.CancellationToken);
        var source = await _bench.MakeAsync("a.mp3", $"-f lavfi -i sine=d=1 -i {_bench.File("chapters")} -map_chapters 1 OUT");

        var report = await _bench.TranscodeAsync(source, [.. Preset.All]);

        Assert.True(report.State == JobState.Succeeded && report.Reason is null, $"{report.Reason} {report.Detail}");
    }

    [Fact]
    public async Task Transcode_CoverThatFlacCannotHold_IsLeftOutThereWithAWarning()
    {
        // A JPEG may carry any number of comments; FLAC has room for 16 MiB.
        var picture = await File.ReadAllBytesAsync(await _bench.MakeAsync("small.jpg", "-f lavfi -i testsrc=s=64x64 -frames:v 1 OUT"), TestContext.Current.CancellationToken);
        byte[] comment = [0xFF, 0xFE, 0xFF, 0xFF, .. new byte[0xFFFF - 2]];
        await File.WriteAllBytesAsync(_bench.File("large.jpg"), [.. picture[..2], .. Enumerable.Repeat(comment, 300).SelectMany(c => c), .. picture[2..]], TestContext.Current.CancellationToken);
        var source = await _bench.MakeAsync("a.mp3", $"-f lavfi -i sine=d=3 -i {_bench.File("large.jpg")} -map 0 -map 1 -c:v copy -disposition:v attached_pic -metadata title=Kept OUT");

        var report = await _bench.TranscodeAsync(source, [.. Preset.All]);

        Assert.Equal((JobState.Succeeded, CoverLost), (report.State, report.Reason));
        Assert.True((await Probed.ReadAsync(await _bench.FetchAsync(report, Preset.Mp3))).HasCover);
        Assert.Equal("Kept", (await Probed.ReadAsync(await _bench.FetchAsync(report, Preset.Flac))).Tag("title"));
    }

    [Fact]
    public async Task Transcode_CoverThatIsNoPicture_DoesNotEndTheJob()
    {
        // An ID3 tag with a "JPEG" of 200 letters.
        byte[] body = [0, .. "image/jpeg"u8, 0, 3, 0, .. Enumerable.Repeat((byte)'A', 200)];
        byte[] frame = [.. "APIC"u8, 0, 0, 0, (byte)body.Length, 0, 0, .. body];
        byte[] tag = [.. "ID3"u8, 3, 0, 0, 0, 0, (byte)(frame.Length >> 7), (byte)(frame.Length & 0x7F), .. frame];
        var sound = await File.ReadAllBytesAsync(await _bench.MakeAsync("a.mp3", "-f lavfi -i sine=d=3 -id3v2_version 0 OUT"), TestContext.Current.CancellationToken);

        var report = await _bench.TranscodeAsync([.. tag, .. sound], [.. Preset.All]);

        Assert.Equal((JobState.Succeeded, CoverLost), (report.State, report.Reason));
    }

    [Theory]
    [InlineData("-i")]
    [InlineData("../../etc/passwd")]
    [InlineData("http://localhost/a.mp3")]
    [InlineData("a\0b\r\nX: y\u202e3pm.exe")]
    public async Task Transcode_OddName_ChangesNothing(string name)
    {
        var order = await _bench.OrderAsync(await _bench.MakeAsync("a.wav", "-f lavfi -i sine=d=1 OUT"), Preset.Mp3);

        var report = await _bench.Transcoder.StartAsync(order with { SourceName = name }, new Progress<double>(), TestContext.Current.CancellationToken);

        Assert.Equal(JobState.Succeeded, report.State);
    }

    private static async Task<string> ManyStreamsAsync(FfmpegBench bench, int count)
    {
        var one = await bench.MakeAsync("one.m4a", "-f lavfi -i sine=d=1 -c:a aac OUT");
        return await bench.MakeAsync("many.m4a", $"-i {one}{string.Concat(Enumerable.Repeat(" -map 0:a", count))} -c copy OUT");
    }
}
