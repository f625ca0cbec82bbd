using BlazorTranscode.Audio;
using BlazorTranscode.Transcoding;
using CsCheck;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>Whatever bytes come in, a report comes out.</summary>
public sealed class AnyBytesTests : IDisposable
{
    private static readonly byte[] Extremes = [0, 0x7F, 0x80, 0xFF];
    private readonly FfmpegBench _bench = FfmpegBench.Create();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Transcode_MutatedHeader_AlwaysReports()
    {
        var seeds = new List<byte[]>();
        foreach (var (name, coding) in new[]
        {
            ("a.mp3", ""), ("a.wav", ""), ("a.flac", ""), ("a.m4a", "-c:a aac -movflags +faststart"), ("alac.m4a", "-c:a alac -movflags +faststart"),
            ("a.ogg", "-c:a libvorbis"), ("a.opus", "-c:a libopus -ar 48000"), ("a.aiff", ""), ("a.wma", "-c:a wmav2"), ("a.mka", "-c:a flac"),
        })
        {
            var path = await _bench.MakeAsync(name, $"-f lavfi -i sine=d=0.3 -metadata title=x {coding} OUT".Replace("  ", " ", StringComparison.Ordinal));
            seeds.Add(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        }

        var mutation = Gen.Select(Gen.Int[0, 600], Gen.OneOf(Gen.Byte, Gen.Int[0, 3].Select(i => Extremes[i])));
        var sources = Gen.Select(Gen.Int[0, seeds.Count - 1].Select(i => seeds[i]), mutation.Array[1, 12], Gen.Int[0, 9]).Select((seed, changes, cut) =>
        {
            // One in ten is cut as well.
            var bytes = cut == 0 ? seed[..(seed.Length / 2)] : (byte[])seed.Clone();
            foreach (var (at, value) in changes)
                bytes[at % bytes.Length] = value;
            return bytes;
        });
        await sources.SampleAsync(
            async bytes =>
            {
                var file = _bench.File(Guid.NewGuid().ToString("N"));
                await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
                var key = $"sources/{Guid.NewGuid():N}";
                await _bench.Store.ImportAsync(key, file, TestContext.Current.CancellationToken);
                var order = new TranscodeOrder(Guid.NewGuid(), 1, key, "A song", [Preset.Mp3]);

                var report = await _bench.Transcoder.StartAsync(order, new Progress<double>(), TestContext.Current.CancellationToken);

                Assert.True(report.State is JobState.Succeeded or JobState.Failed);
                Assert.True(report.State == JobState.Succeeded == (report.Outputs.Count == 1));
                Assert.True(report.State == JobState.Succeeded || report.Reason!.EndsWith('.'));
            },
            iter: 300, threads: 4);

        Assert.Empty(Directory.GetFileSystemEntries(_bench.Work));
    }
}
