using BlazorTranscode.Audio;

namespace BlazorTranscode.Tests.Audio;

public sealed class MeasuresTests
{
    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1, "1 byte")]
    [InlineData(999, "999 bytes")]
    [InlineData(1000, "1.0 KB")]
    [InlineData(9_949, "9.9 KB")]
    [InlineData(9_950, "10 KB")]
    [InlineData(999_499, "999 KB")]
    [InlineData(999_500, "1.0 MB")]
    [InlineData(2_147_483_648, "2.1 GB")]
    [InlineData(5_000_000_000_000_000, "5000 TB")]
    public void Size_HasTwoOrThreeFigures(long bytes, string words) => Assert.Equal(words, Measures.Size(bytes));

    [Theory]
    [InlineData(0.4, "0:00")]
    [InlineData(59.6, "1:00")]
    [InlineData(185, "3:05")]
    [InlineData(3599.9, "1:00:00")]
    [InlineData(360_000, "100:00:00")]
    public void Time_IsRoundedToSeconds(double seconds, string words) => Assert.Equal(words, Measures.Time(TimeSpan.FromSeconds(seconds)));
}
