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
    [InlineData(0.4, "0:00")]
    [InlineData(59.6, "1:00")]
    [InlineData(185, "3:05")]
    [InlineData(3599.9, "1:00:00")]
    [InlineData(360_000, "100:00:00")]
    public void Time_IsRoundedToSeconds(double seconds, string words) => Assert.Equal(words, Measures.Time(TimeSpan.FromSeconds(seconds)));
}
