using BlazorTranscode.Audio;
using BlazorTranscode.Transcoding;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>What must survive besides the sound: tags, cover, chapters, depth.</summary>
public sealed class FfmpegKeepingTests : IDisposable
{
    private const string Tone = "-f lavfi -i sine=440:d=3 -ac 2 -ar 44100";
    private const string Title = "Übung–音🎵";
    private readonly FfmpegBench _bench = FfmpegBench.Create();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("a.mp3", "-c:v copy -id3v2_version 3", true)]
    [InlineData("a.flac", "-c:v copy", true)]
    [InlineData("a.m4a", "-c:a aac -c:v copy -f ipod", true)]
    [InlineData("a.ogg", "-c:a libvorbis -vn", false)]
    [InlineData("a.opus", "-c:a libopus -vn", false)]
    [InlineData("flac.oga", "-c:a flac -vn", false)]
    [InlineData("a.wma", "-c:a wmav2 -vn", false)]
    public async Task Transcode_TagsAndCover_AreKeptWhereTheFormatHasAPlace(string name, string coding, bool cover)
    {
        var picture = await _bench.MakeAsync("cover.jpg", "-f lavfi -i testsrc=s=64x64 -frames:v 1 OUT");
        var source = await _bench.MakeAsync(
            name, $"{Tone} -i {picture} -map 0:a -map 1:v -disposition:v attached_pic -metadata title={Title} -metadata artist=Ärtist -metadata album=Ålbum {coding} OUT".Replace("-ac 2 -ar 44100 -i", "-i", StringComparison.Ordinal));

        var report = await _bench.TranscodeAsync(source, [.. Preset.All]);

        Assert.True(report.State == JobState.Succeeded && report.Reason is null, $"{report.Reason} {report.Detail}");
        foreach (var preset in Preset.All)
        {
            var output = await Probed.ReadAsync(await _bench.FetchAsync(report, preset));
            Assert.Equal((Title, "Ärtist", "Ålbum"), (output.Tag("title"), output.Tag("artist"), output.Tag("album")));
            Assert.Equal(cover && preset != Preset.Wav && preset != Preset.Opus, output.HasCover);
        }
    }

    [Fact]
    public async Task Transcode_Chapters_AreKeptInMp3AndM4a()
    {
        await File.WriteAllTextAsync(
            _bench.File("chapters"), ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1\nSTART=1\nEND=3\ntitle=Two\n",
            TestContext.Current.CancellationToken);
        var source = await _bench.MakeAsync("a.m4a", $"-f lavfi -i sine=440:d=3 -i {_bench.File("chapters")} -map 0 -map_chapters 1 -c:a aac OUT");

        var report = await _bench.TranscodeAsync(source, [.. Preset.All]);

        foreach (var preset in new[] { Preset.Mp3, Preset.M4a })
            Assert.Equal(["One", "Two"], (await Probed.ReadAsync(await _bench.FetchAsync(report, preset))).Chapters);
    }

    [Theory]
    [InlineData("deep.wav", "-c:a pcm_s24le", "24", "pcm_s24le")]
    [InlineData("deep.flac", "-c:a flac -sample_fmt s32", "24", "pcm_s24le")]
    [InlineData("float.wav", "-c:a pcm_f32le", "24", "pcm_s24le")]
    [InlineData("cd.wav", "-c:a pcm_s16le", "16", "pcm_s16le")]
    [InlineData("lossy.mp3", "-b:a 128k", "16", "pcm_s16le")]
    public async Task Transcode_DepthOfSource_IsKeptOnlyWhereItMeansSomething(string name, string coding, string flacBits, string wavCodec)
    {
        var report = await _bench.TranscodeAsync(await _bench.MakeAsync(name, $"{Tone} {coding} OUT"), Preset.Flac, Preset.Wav);

        Assert.Equal(flacBits, (await Probed.ReadAsync(await _bench.FetchAsync(report, Preset.Flac))).Bits);
        Assert.Equal(wavCodec, (await Probed.ReadAsync(await _bench.FetchAsync(report, Preset.Wav))).Codec);
    }
}
