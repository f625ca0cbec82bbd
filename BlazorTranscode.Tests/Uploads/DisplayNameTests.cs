using System.Globalization;
using System.Text;
using BlazorTranscode.Uploads;
using CsCheck;

namespace BlazorTranscode.Tests.Uploads;

public sealed class DisplayNameTests
{
    [Theory]
    [InlineData("Sommer 1.mp3", "Sommer 1.mp3")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData(@"..\..\boot.ini", "boot.ini")]
    [InlineData("C:\\Musik\\a.wav", "a.wav")]
    [InlineData("CON.mp3", "CON.mp3")]
    [InlineData("a\0b.mp3", "ab.mp3")]
    [InlineData("%00.mp3", "%00.mp3")]
    [InlineData("\u202Egpj.3pm", "gpj.3pm")]
    [InlineData("\u2066a\u2069\uFEFF.mp3", "a.mp3")]
    [InlineData("\"\r\nX: y.mp3", "\"X: y.mp3")]
    [InlineData("a\u2028b\u0085c.mp3", "a bc.mp3")]
    [InlineData("<img src=x onerror=alert(1)>.mp3", "<img src=x onerror=alert(1)>.mp3")]
    [InlineData("-i", "-i")]
    [InlineData("http://evil.example/x.mp3", "x.mp3")]
    [InlineData("  .hidden  ", ".hidden")]
    [InlineData("   ", "untitled")]
    [InlineData("..", "untitled")]
    [InlineData("\u200B\u202E", "untitled")]
    [InlineData("", "untitled")]
    [InlineData("a/", "untitled")]
    [InlineData("👩‍👩‍👧.mp3", "👩‍👩‍👧.mp3")]
    [InlineData("نمی‌دانم.mp3", "نمی‌دانم.mp3")]
    [InlineData("\uD83D.mp3", ".mp3")]
    public void Clean_OfHostileNames_LeavesOneHarmlessLine(string raw, string clean) => Assert.Equal(clean, DisplayName.Clean(raw));

    [Fact]
    public void Clean_OfLongNames_CutsBetweenCharacters()
    {
        Assert.Equal(200, DisplayName.Clean(new('x', 5000)).Length);
        Assert.Equal(199, DisplayName.Clean("x" + string.Concat(Enumerable.Repeat("🎵", 2500))).Length);
    }

    [Fact]
    public void Clean_OfAnything_IsShortVisibleAndStable() => Gen.String.Sample(raw =>
    {
        var clean = DisplayName.Clean(raw);
        Assert.InRange(clean.Length, 1, DisplayName.MaxLength);
        Assert.DoesNotContain(clean, c => char.IsControl(c) || c is '/' or '\\');
        Assert.All(clean.EnumerateRunes(), rune => Assert.True(
            rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.Surrogate)));
        Assert.Equal(clean, DisplayName.Clean(clean));
    });
}
