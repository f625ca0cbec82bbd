using BlazorTranscode.Transcoding.Ffmpeg;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

public sealed class FfmpegProgressTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Shares _shares = [];
    private int _moved;

    [Fact]
    public void OnLine_ManyLinesWithinAMoment_ReportsFourASecond()
    {
        var progress = Follow(TimeSpan.FromSeconds(100));

        for (var i = 1; i <= 100; i++)
        {
            progress.OnLine($"out_time_us={i * 500_000}");
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.Equal(20, _shares.Count);
        Assert.Equal(_shares.Order(), _shares);
        Assert.Equal(100, _moved);
    }

    [Fact]
    public void OnLine_SmallerThanBefore_ChangesNothing()
    {
        var progress = Follow(TimeSpan.FromSeconds(10));

        progress.OnLine("out_time_us=5000000");
        _time.Advance(TimeSpan.FromSeconds(1));
        progress.OnLine("out_time_us=4000000");
        progress.OnLine("out_time_us=5000000");

        Assert.Equal(TimeSpan.FromSeconds(5), progress.Decoded);
        Assert.Equal([0.5], _shares);
        Assert.Equal(1, _moved);
    }

    [Fact]
    public void OnLine_MoreThanDeclared_NeverClaimsToBeDone()
    {
        Follow(TimeSpan.FromSeconds(10)).OnLine("out_time_us=20000000");

        Assert.Equal([0.99], _shares);
    }

    [Fact]
    public void OnLine_NothingDeclared_CountsButReportsNoShare()
    {
        var progress = Follow(null);

        progress.OnLine("out_time_us=20000000");

        Assert.Equal((20, 1), (progress.Decoded.TotalSeconds, _moved));
        Assert.Empty(_shares);
    }

    [Theory]
    [InlineData("")]
    [InlineData("out_time_us")]
    [InlineData("out_time_us=")]
    [InlineData("out_time_us=N/A")]
    [InlineData("out_time_us=-5")]
    [InlineData("out_time_us=1e9")]
    [InlineData("out_time_us=9223372036854775807")]
    [InlineData("out_time_us=99999999999999999999")]
    [InlineData("total_size=1000000")]
    public void OnLine_AnythingElse_ChangesNothing(string line)
    {
        var progress = Follow(TimeSpan.FromSeconds(10));

        progress.OnLine(line);

        Assert.Equal((TimeSpan.Zero, 0), (progress.Decoded, _moved));
        Assert.Empty(_shares);
    }

    private FfmpegProgress Follow(TimeSpan? declared) => new(declared, _shares, _time, () => _moved++);

    private sealed class Shares : List<double>, IProgress<double>
    {
        public void Report(double value) => Add(value);
    }
}
