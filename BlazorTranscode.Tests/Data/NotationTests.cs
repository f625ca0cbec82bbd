using BlazorTranscode.Data;

namespace BlazorTranscode.Tests.Data;

public sealed class NotationTests
{
    [Theory]
    [InlineData("2 GiB", 2L << 30)]
    [InlineData("500 MB", 500_000_000)]
    [InlineData("500mb", 500_000_000)]
    [InlineData("512 KiB", 512 << 10)]
    [InlineData("1 kB", 1000)]
    [InlineData("1.5 GiB", 1_610_612_736)]
    [InlineData("3 TB", 3_000_000_000_000)]
    [InlineData("1 TiB", 1L << 40)]
    [InlineData("12", 12)]
    [InlineData("12 B", 12)]
    [InlineData(" 12 bytes ", 12)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Size_AsPeopleWriteIt_IsRead(string text, long bytes) =>
        Assert.Equal((true, bytes), (Notation.TryReadSize(text, out var read), read));

    [Theory]
    [InlineData("")]
    [InlineData("five")]
    [InlineData("-1")]
    [InlineData("1,5 GB")]
    [InlineData("1e6")]
    [InlineData("0x10")]
    [InlineData("5 G")]
    [InlineData("5 Gib/s")]
    [InlineData("٥ MB")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999 TiB")]
    [InlineData("999999999999999999999999999999999999999999")]
    public void Size_ThatIsNone_IsRefused(string text) => Assert.False(Notation.TryReadSize(text, out _));

    [Theory]
    [InlineData("10 s", 10)]
    [InlineData("10s", 10)]
    [InlineData("250 ms", .25)]
    [InlineData("2 min", 120)]
    [InlineData("1.5 h", 5400)]
    [InlineData("24 h", 86_400)]
    [InlineData("1 day", 86_400)]
    [InlineData("90 days", 90 * 86_400)]
    [InlineData("00:00:10", 10)]
    [InlineData("1.02:00:00", 93_600)]
    public void Time_AsPeopleWriteIt_IsRead(string text, double seconds) =>
        Assert.Equal((true, TimeSpan.FromSeconds(seconds)), (Notation.TryReadTime(text, out var read), read));

    [Theory]
    [InlineData("10")]
    [InlineData("1.5")]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("2 m")]
    [InlineData("-1 s")]
    [InlineData("24:00:00")]
    [InlineData("10:00")]
    [InlineData("99999999999 days")]
    public void Time_ThatIsNoneOrCouldBeTakenForAnother_IsRefused(string text) => Assert.False(Notation.TryReadTime(text, out _));

    [Theory]
    [InlineData(2L << 30, "2 GiB")]
    [InlineData(500_000_000, "500 MB")]
    [InlineData(2_000_000_000, "2 GB")]
    [InlineData(1536 << 10, "1536 KiB")]
    [InlineData(1001, "1001 bytes")]
    [InlineData(0, "0 bytes")]
    public void Size_IsWrittenExactly_AndReadAgain(long bytes, string text)
    {
        Assert.Equal(text, Notation.Size(bytes));
        Assert.Equal((true, bytes), (Notation.TryReadSize(text, out var read), read));
    }

    [Theory]
    [InlineData(10_000, "10 s")]
    [InlineData(86_400_000, "1 day")]
    [InlineData(172_800_000, "2 days")]
    [InlineData(5_400_000, "90 min")]
    [InlineData(1, "1 ms")]
    [InlineData(0, "0 s")]
    public void Time_IsWrittenExactly_AndReadAgain(double milliseconds, string text)
    {
        var time = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Equal(text, Notation.Time(time));
        Assert.Equal((true, time), (Notation.TryReadTime(text, out var read), read));
    }
}
