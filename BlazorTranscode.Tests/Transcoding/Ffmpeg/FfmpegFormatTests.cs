using BlazorTranscode.Audio;
using BlazorTranscode.Transcoding;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>Every kind of input to every preset.</summary>
public sealed class FfmpegFormatTests : IDisposable
{
    private const string Tone = "-f lavfi -i sine=440:d=3 -ac 2 -ar 44100";
    private readonly FfmpegBench _bench = FfmpegBench.Create();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("a.mp3", "-b:a 128k")]
    [InlineData("vbr.mp3", "-q:a 4")]
    [InlineData("a.wav", "")]
    [InlineData("u8.wav", "-c:a pcm_u8")]
    [InlineData("f32.wav", "-c:a pcm_f32le")]
    [InlineData("adpcm.wav", "-c:a adpcm_ms")]
    [InlineData("mulaw.wav", "-c:a pcm_mulaw -ar 8000 -ac 1")]
    [InlineData("a.w64", "")]
    [InlineData("a.flac", "")]
    [InlineData("a.m4a", "-c:a aac")]
    [InlineData("alac.m4a", "-c:a alac")]
    [InlineData("a.mp4", "-c:a aac -movflags frag_keyframe+empty_moov")]
    [InlineData("a.aac", "-c:a aac")]
    [InlineData("a.ogg", "-c:a libvorbis")]
    [InlineData("a.opus", "-c:a libopus -ar 48000")]
    [InlineData("flac.oga", "-c:a flac")]
    [InlineData("a.aiff", "")]
    [InlineData("a.wma", "-c:a wmav2")]
    [InlineData("a.webm", "-c:a libopus -ar 48000")]
    [InlineData("a.mka", "-c:a libvorbis")]
    [InlineData("mono.mp3", "-ac 1 -ar 22050")]
    [InlineData("surround.flac", "-ac 6 -ar 48000")]
    [InlineData("three.wav", "-ac 3")]
    [InlineData("seven.wav", "-ac 7")]
    [InlineData("fast.wav", "-ar 192000 -c:a pcm_s24le")]
    [InlineData("slow.wav", "-ar 4000 -ac 1")]
    public async Task Transcode_AnyInput_MakesEveryPresetInFullLength(string name, string coding)
    {
        var source = await _bench.MakeAsync(name, $"{Tone} {coding} OUT".Replace("  ", " ", StringComparison.Ordinal));

        var report = await _bench.TranscodeAsync(source, [.. Preset.All]);

        Assert.True(report.State == JobState.Succeeded, $"{report.Reason} {report.Detail}");
        Assert.Null(report.Reason);
        Assert.Equal(3, report.SourceDuration!.Value.TotalSeconds, 0.2);
        Assert.Equal(Preset.All.Select(p => p.Id), report.Outputs.Select(o => o.PresetId));
        foreach (var preset in Preset.All)
        {
            var path = await _bench.FetchAsync(report, preset);
            var output = await Probed.ReadAsync(path);
            Assert.Equal(3, output.DecodedSeconds, 0.2);
            Assert.Equal(3, output.DeclaredSeconds, 0.2);
            Assert.Equal(new FileInfo(path).Length, report.Outputs.Single(o => o.PresetId == preset.Id).Length);
            Assert.True(output.Channels <= 2 || preset == Preset.Flac || preset == Preset.Wav, $"{preset.Id}: {output.Channels} channels");
            Assert.Equal(Expected(preset), (output.Container, output.Codec.Split('_')[0]));
        }
    }

    [Fact]
    public async Task Transcode_RecordingsOfTheDesktop_Succeed()
    {
        var sounds = Directory.GetFiles("/usr/share/sounds/freedesktop/stereo", "*.oga");
        Assert.NotEmpty(sounds);
        foreach (var sound in sounds.Order().Take(8))
        {
            var report = await _bench.TranscodeAsync(sound, Preset.Mp3);
            Assert.True(report.State == JobState.Succeeded && report.Reason is null, $"{sound}: {report.Reason} {report.Detail}");
            Assert.Equal((await Probed.ReadAsync(sound)).DecodedSeconds, report.SourceDuration!.Value.TotalSeconds, 0.1);
        }
    }

    [Fact]
    public async Task Transcode_Progress_RisesToOneAndIsOneOnlyAtTheEnd()
    {
        var source = await _bench.MakeAsync("long.flac", "-f lavfi -i anoisesrc=d=240:c=pink -ac 2 OUT");

        await _bench.TranscodeAsync(source, [.. Preset.All]);

        Assert.Equal(1, _bench.Progress[^1]);
        Assert.True(_bench.Progress.Count > 2, $"{_bench.Progress.Count} reports");
        Assert.All(_bench.Progress[..^1], share => Assert.InRange(share, 0, 0.99));
        Assert.Equal(_bench.Progress.Order(), _bench.Progress);
    }

    [Fact]
    public async Task Transcode_AnyEnd_LeavesNothingInTheWorkFolder()
    {
        await _bench.TranscodeAsync(await _bench.MakeAsync("a.mp3", $"{Tone} OUT"), Preset.Mp3);
        await _bench.TranscodeAsync([1, 2, 3], Preset.Mp3);

        Assert.Empty(Directory.GetFileSystemEntries(_bench.Work));
    }

    private static (string Container, string Codec) Expected(Preset preset) => preset.Id switch
    {
        "mp3" => ("mp3", "mp3"),
        "m4a" => ("mov,mp4,m4a,3gp,3g2,mj2", "aac"),
        "opus" => ("ogg", "opus"),
        "flac" => ("flac", "flac"),
        _ => ("wav", "pcm"),
    };
}
