using System.Text;
using BlazorTranscode.Audio;
using BlazorTranscode.Transcoding;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>Sources that lie, end early or are nothing at all.</summary>
public sealed class DamagedSourceTests : IDisposable
{
    private readonly FfmpegBench _bench = FfmpegBench.Create();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Transcode_VbrMp3WithoutXingHeader_SucceedsWithWhatDecodesAndNoWarning()
    {
        // Noise first and then silence: from the first frames ffprobe concludes another length than the file has.
        var source = await _bench.MakeAsync(
            "vbr.mp3", "-f lavfi -i anullsrc=d=15 -f lavfi -i anoisesrc=d=15 -filter_complex concat=n=2:v=0:a=1 -q:a 2 -write_xing 0 OUT");
        var witness = await Probed.ReadAsync(source);
        Assert.True(witness.DeclaredSeconds > 1.5 * witness.DecodedSeconds, "this file does not lie");

        var report = await _bench.TranscodeAsync(source, Preset.Mp3, Preset.Wav);

        Assert.Equal((JobState.Succeeded, null), (report.State, report.Reason));
        Assert.Equal(30, report.SourceDuration!.Value.TotalSeconds, 0.2);
    }

    [Theory]
    [InlineData("a.mp3", "-b:a 128k", "should play 0:00:20")]
    [InlineData("vbr.mp3", "-q:a 4", "should play 0:00:20")]
    [InlineData("a.flac", "", "should play 0:00:20")]
    [InlineData("a.m4a", "-c:a aac -movflags +faststart", "should play 0:00:20")]
    [InlineData("a.aiff", "", "should play 0:00:20")]
    [InlineData("a.mka", "-c:a libvorbis", "should play 0:00:20")]
    [InlineData("a.wav", "", "end is missing")]
    [InlineData("a.ogg", "-c:a libvorbis", "end is missing")]
    [InlineData("a.opus", "-c:a libopus -ar 48000", "end is missing")]
    [InlineData("flac.oga", "-c:a flac", "end is missing")]
    [InlineData("a.wma", "-c:a wmav2", "damaged")]
    public async Task Transcode_CutOffSource_SucceedsWithAWarning(string name, string coding, string warning)
    {
        var whole = await File.ReadAllBytesAsync(
            await _bench.MakeAsync(name, $"-f lavfi -i anoisesrc=d=20:c=pink {coding} OUT".Replace("  ", " ", StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        Assert.Null((await _bench.TranscodeAsync(whole)).Reason);

        var report = await _bench.TranscodeAsync(whole[..(whole.Length * 55 / 100)]);

        Assert.True(report.State == JobState.Succeeded, $"{report.Reason} {report.Detail}");
        Assert.Contains(warning, report.Reason, StringComparison.Ordinal);
        Assert.InRange(report.SourceDuration!.Value.TotalSeconds, 8, 14);
        Assert.Equal(report.SourceDuration.Value.TotalSeconds, (await Probed.ReadAsync(await _bench.FetchAsync(report, Preset.Wav))).DecodedSeconds, 0.1);
    }

    [Fact]
    public async Task Transcode_FlacWithAHoleInTheMiddle_SucceedsWithAWarning()
    {
        var bytes = await File.ReadAllBytesAsync(await _bench.MakeAsync("a.flac", "-f lavfi -i anoisesrc=d=20:c=pink OUT"), TestContext.Current.CancellationToken);
        bytes.AsSpan(bytes.Length / 2, 100).Clear();

        var report = await _bench.TranscodeAsync(bytes, Preset.Mp3);

        Assert.Equal((JobState.Succeeded, "Some of it is damaged and could not be decoded."), (report.State, report.Reason));
    }

    [Theory]
    [InlineData("mp3", "-c:a libmp3lame")]
    [InlineData("ogg", "-c:a libvorbis")]
    public async Task Transcode_PiecesOfDifferentKindsJoined_HaveTheirFullLength(string extension, string coding)
    {
        var stereo = await File.ReadAllBytesAsync(await _bench.MakeAsync($"stereo.{extension}", $"-f lavfi -i sine=d=4 -ac 2 -ar 44100 {coding} OUT"), TestContext.Current.CancellationToken);
        var mono = await File.ReadAllBytesAsync(await _bench.MakeAsync($"mono.{extension}", $"-f lavfi -i sine=d=4 -ac 1 -ar 22050 {coding} OUT"), TestContext.Current.CancellationToken);

        var report = await _bench.TranscodeAsync([.. stereo, .. mono, .. stereo], [.. Preset.All]);

        Assert.True(report.State == JobState.Succeeded, $"{report.Reason} {report.Detail}");
        foreach (var preset in Preset.All)
            Assert.Equal(12, (await Probed.ReadAsync(await _bench.FetchAsync(report, preset))).DecodedSeconds, 0.3);
    }

    [Fact]
    public async Task Transcode_M4aWithoutMoov_FailsForGood()
    {
        var whole = await File.ReadAllBytesAsync(await _bench.MakeAsync("a.m4a", "-f lavfi -i sine=d=5 -c:a aac OUT"), TestContext.Current.CancellationToken);

        AssertRefused(await _bench.TranscodeAsync(whole[..(whole.Length / 2)]), "not audio");
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("x", "not audio")]
    [InlineData("<!doctype html><html><script>alert(1)</script><p>hello</p></html>", "not audio")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>", "not audio")]
    [InlineData("%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF", "not audio")]
    [InlineData("PK\u0003\u0004\u0014\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\u0001\0\0\0aPK\u0005\u0006", "not audio")]
    [InlineData("MZ\u0090\0\u0003\0\0\0\u0004\0\0\0", "not audio")]
    [InlineData("Dear diary, today I sang.\n", "not audio")]
    [InlineData("ID3\u0003\0\0\u007f\u007f\u007f\u007f", "not audio")]
    public async Task Transcode_NotAudio_FailsForGoodWithASentence(string content, string reason) =>
        AssertRefused(await _bench.TranscodeAsync(Encoding.Latin1.GetBytes(content), [.. Preset.All]), reason);

    [Fact]
    public async Task Transcode_RandomBytes_FailForGood()
    {
        var bytes = new byte[1 << 20];
        new Random(7).NextBytes(bytes);

        AssertRefused(await _bench.TranscodeAsync(bytes), "");
    }

    [Theory]
    [InlineData("silent.mp4", "-f lavfi -i testsrc=d=1 -c:v mjpeg OUT", "no sound")]
    [InlineData("film.mp4", "-f lavfi -i testsrc=d=1 -f lavfi -i sine=d=1 -c:v mpeg4 -c:a aac OUT", "“mpeg4”")]
    [InlineData("nothing.wav", "-f lavfi -i anullsrc -t 0 OUT", "")]
    [InlineData("many.wav", "-f lavfi -i anullsrc=d=1 -filter_complex [0]pan=16c|c0=c0 OUT", "16 channels")]
    public async Task Transcode_OtherMedia_FailForGood(string name, string arguments, string reason) =>
        AssertRefused(await _bench.TranscodeAsync(await _bench.MakeAsync(name, arguments)), reason);

    [Theory]
    [InlineData(22, 0xFF, 0xFF)] // channels
    [InlineData(24, 0xFF, 0xFF, 0xFF, 0xEE)] // samples a second
    public async Task Transcode_AbsurdWavHeader_FailsForGood(int offset, params int[] values)
    {
        var bytes = await File.ReadAllBytesAsync(await _bench.MakeAsync("a.wav", "-f lavfi -i sine=d=1 OUT"), TestContext.Current.CancellationToken);
        values.Select(v => (byte)v).ToArray().CopyTo(bytes, offset);

        AssertRefused(await _bench.TranscodeAsync(bytes), "");
    }

    [Theory]
    [InlineData("<html><script>alert(1)</script></html>", "")]
    [InlineData("", "PK\u0003\u0004 and a ZIP archive that nobody unpacks PK\u0005\u0006")]
    public async Task Transcode_Polyglot_IsTheSoundInIt(string before, string after)
    {
        var sound = await File.ReadAllBytesAsync(await _bench.MakeAsync("a.mp3", "-f lavfi -i sine=d=5 OUT"), TestContext.Current.CancellationToken);

        var report = await _bench.TranscodeAsync([.. Encoding.Latin1.GetBytes(before), .. sound, .. Encoding.Latin1.GetBytes(after)]);

        Assert.Equal(JobState.Succeeded, report.State);
        Assert.Equal(5, report.SourceDuration!.Value.TotalSeconds, 0.2);
    }

    [Fact]
    public async Task Transcode_MissingSource_FailsForGood()
    {
        var order = new TranscodeOrder(Guid.NewGuid(), 1, $"sources/{Guid.NewGuid():N}", "Gone", [Preset.Mp3]);

        AssertRefused(await _bench.Transcoder.StartAsync(order, new Progress<double>(), TestContext.Current.CancellationToken), "no longer there");
    }

    internal static void AssertRefused(JobReport report, string reason)
    {
        Assert.Equal((JobState.Failed, false), (report.State, report.Retryable));
        Assert.Empty(report.Outputs);
        Assert.Contains(reason, report.Reason, StringComparison.Ordinal);
        Assert.EndsWith(".", report.Reason, StringComparison.Ordinal);
    }
}
