using BlazorTranscode.Audio;

namespace BlazorTranscode.Tests.Audio;

public sealed class MeasuresTests
{
    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1, "1 byte")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1500, "1.5 KiB")]
    [InlineData(1_048_575, "1 MiB")]
    [InlineData(2_147_483_648, "2 GiB")]
    [InlineData(5_000_000_000_000_000, "4547.5 TiB")]
    public void Size_IsInTheLargestUnitThatFits(long bytes, string words) => Assert.Equal(words, Measures.Size(bytes));

    [Theory]
    [InlineData(1, "less than a minute")]
    [InlineData(44, "less than a minute")]
    [InlineData(45, "about 1 minute")]
    [InlineData(130, "about 2 minutes")]
    [InlineData(595, "about 10 minutes")]
    [InlineData(1300, "about 20 minutes")]
    [InlineData(5399, "about 90 minutes")]
    [InlineData(5400, "about 2 hours")]
    [InlineData(40_000, "about 11 hours")]
    public void About_IsCoarserTheLongerItTakes(double seconds, string words) => Assert.Equal(words, Measures.About(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0.4, "0:00")]
    [InlineData(59.6, "1:00")]
    [InlineData(185, "3:05")]
    [InlineData(3599.9, "1:00:00")]
    [InlineData(360_000, "100:00:00")]
    public void Time_IsRoundedToSeconds(double seconds, string words) => Assert.Equal(words, Measures.Time(TimeSpan.FromSeconds(seconds)));
}
