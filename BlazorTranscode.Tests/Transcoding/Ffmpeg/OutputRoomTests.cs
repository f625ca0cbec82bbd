using System.Diagnostics;
using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>What outputs may take: of their owner's room, and of the disk.</summary>
public sealed class OutputRoomTests : IDisposable
{
    private const string NoRoom = "There is not enough room on the server's disk at the moment.";

    // A source of ten minutes whose header says two seconds; the outputs are read by the real ffprobe.
    private const string Liar =
        """
        case "$*" in *../source) echo '{"streams":[{"index":0,"codec_type":"audio","codec_name":"pcm_s16le","sample_rate":"44100","channels":1,"duration":"2"}]}';;
        *) exec /usr/bin/ffprobe "$@";; esac
        """;

    private const string TenMinutes = "-f lavfi -i anullsrc=r=44100:cl=mono:d=600 OUT";
    private readonly TempFolder _programs = new();
    private readonly List<long> _asked = [];

    public void Dispose() => _programs.Dispose();

    [Theory]
    [InlineData("noise.wav", "-f lavfi -i anoisesrc=d=20:r=44100:a=1 -ac 2 OUT")]
    [InlineData("deep.flac", "-f lavfi -i anoisesrc=d=10:r=96000:a=1 -ac 6 -sample_fmt s32 OUT")]
    [InlineData("speech.mp3", "-f lavfi -i anoisesrc=d=60:r=8000:a=1 -b:a 8k OUT")]
    [InlineData("moment.wav", "-f lavfi -i anoisesrc=d=0.1:r=8000:a=1 OUT")]
    public async Task SourceThatSaysHowLongItIs_NeedsNoMoreThanWasSetAside(string name, string arguments)
    {
        using var bench = Bench();

        var report = await bench.TranscodeAsync(await bench.MakeAsync(name, arguments), [.. Preset.All]);

        Assert.True(report.State == JobState.Succeeded, $"{report.Reason} {report.Detail}");
        Assert.InRange(report.Outputs.Sum(output => output.Length!.Value), 1, Assert.Single(_asked));
    }

    [Fact]
    public async Task SourceThatPlaysLongerThanItSays_IsGivenMore()
    {
        using var bench = Bench(Liar);

        var report = await bench.TranscodeAsync(await bench.MakeAsync("lie.wav", TenMinutes), Preset.Wav, Preset.Mp3);

        Assert.True(report.State == JobState.Succeeded, $"{report.Reason} {report.Detail}");
        Assert.Equal(_asked.Order(), _asked);
        Assert.InRange(_asked.Count, 2, 5);
        Assert.InRange(report.Outputs.Sum(output => output.Length!.Value), 1, _asked[^1]);
    }

    [Fact]
    public async Task SourceThatPlaysLongerThanItSays_EndsWhereItsOwnersRoomEnds()
    {
        using var bench = Bench(Liar);
        bench.Reserve = (_, bytes) => bytes <= 20 << 20 ? null : new(30 << 20, 50 << 20);

        var report = await bench.TranscodeAsync(await bench.MakeAsync("lie.wav", TenMinutes));

        DamagedSourceTests.AssertRefused(report, "would be larger than");
        Assert.Contains("and you have used 30 of 50 MiB. Delete something, then try again.", report.Reason, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(bench.Work));
    }

    [Fact]
    public async Task DiskThatFillsUpMeanwhile_IsNotTakenForTheSetting()
    {
        using var bench = Bench(Liar);
        bench.Reserve = (_, bytes) =>
        {
            _asked.Add(bytes);
            bench.Storage.ReserveBytes = _asked.Count > 1 ? long.MaxValue : 0;
            return null;
        };

        AssertWaits(await bench.TranscodeAsync(await bench.MakeAsync("lie.wav", TenMinutes)));
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task DiskWithoutRoom_LetsTheJobWaitBeforeItBegins()
    {
        using var bench = Bench();
        var source = await bench.MakeAsync("a.wav", "-f lavfi -i sine=d=3 OUT");
        var others = bench.Disk.Restore(bench.File(""), long.MaxValue);

        AssertWaits(await bench.TranscodeAsync(source));
        Assert.Empty(bench.Progress);
        Assert.Empty(Directory.GetFileSystemEntries(bench.Work));

        others.Dispose();
        Assert.Equal(JobState.Succeeded, (await bench.TranscodeAsync(source)).State);
        Assert.True(bench.Store.FreeSpace > 0);
    }

    [Fact]
    public async Task CopyOfTheSource_IsReservedToo()
    {
        using var bench = FfmpegBench.Create(store: CopyingStore.InFrontOf);
        var order = await bench.OrderAsync(await bench.MakeAsync("a.wav", "-f lavfi -i sine=d=3 OUT"));
        bench.Storage.ReserveBytes = long.MaxValue;
        AssertWaits(await StartAsync(bench, order));
        Assert.Equal(0, CopyingStore.Copies);

        bench.Storage.ReserveBytes = 0;
        Assert.Equal(JobState.Succeeded, (await StartAsync(bench, order)).State);
        Assert.Equal(1, CopyingStore.Copies);
        Assert.Empty(Directory.GetFileSystemEntries(bench.Work));
    }

    [Fact]
    public async Task LeavingsThatCannotBeRemoved_DoNotEndTheJob()
    {
        // Deeper than a path may be long.
        const string dig = "d=$(printf 'x%.0s' {1..200}); ( for i in {1..60}; do mkdir $d && cd $d || exit; done ); exec /usr/bin/ffmpeg \"$@\"";
        using var bench = FfmpegBench.Create(new() { Path = SickFfmpegTests.WriteFake(_programs, dig) });
        var source = await bench.MakeAsync("a.mp3", "-f lavfi -i sine=d=1 OUT");
        var order = await bench.OrderAsync(source);

        try
        {
            for (var time = 0; time < 2; time++)
            {
                var report = await StartAsync(bench, order);
                Assert.True(report.State == JobState.Succeeded, $"{report.Reason} {report.Detail}");
            }

            Assert.NotEmpty(Directory.GetDirectories(bench.Work));
        }
        finally
        {
            await Process.Start("rm", ["-rf", bench.Work]).WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private static void AssertWaits(JobReport report) =>
        Assert.Equal((JobState.Failed, true, NoRoom, NoRoom), (report.State, report.Retryable, report.Outage, report.Reason));

    private static Task<JobReport> StartAsync(FfmpegBench bench, TranscodeOrder order) =>
        bench.Transcoder.StartAsync(order, new Progress<double>(), TestContext.Current.CancellationToken);

    private FfmpegBench Bench(string? probe = null)
    {
        var bench = FfmpegBench.Create(probe is null ? null : new() { Path = WithProbe(probe) });
        bench.Storage.ReserveBytes = 0;
        bench.Reserve = (_, bytes) =>
        {
            _asked.Add(bytes);
            return null;
        };
        return bench;
    }

    private string WithProbe(string script)
    {
        var path = SickFfmpegTests.WriteFake(_programs, "exec /usr/bin/ffmpeg \"$@\"");
        File.Delete(_programs.File("ffprobe"));
        SickFfmpegTests.WriteProgram(_programs, "ffprobe", script);
        return path;
    }
}
