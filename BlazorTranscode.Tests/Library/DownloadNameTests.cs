using BlazorTranscode.Library;
using CsCheck;
using Microsoft.Net.Http.Headers;

namespace BlazorTranscode.Tests.Library;

public sealed class DownloadNameTests
{
    [Theory]
    [InlineData("song.flac", "song.mp3")]
    [InlineData("song", "song.mp3")]
    [InlineData("archive.tar.gz", "archive.tar.mp3")]
    [InlineData("Symphony No. 5", "Symphony No. 5.mp3")]
    [InlineData("Track.01", "Track.01.mp3")]
    [InlineData(".flac", "audio.mp3")]
    [InlineData("...", "audio.mp3")]
    [InlineData("Prélude – 前奏曲 🎵.ogg", "Prélude – 前奏曲 🎵.mp3")]
    [InlineData("../../etc/passwd", "_.._etc_passwd.mp3")]
    [InlineData("a\r\nSet-Cookie: b=c.wav", "aSet-Cookie_ b=c.mp3")]
    [InlineData("say \"hi\".wav", "say _hi_.mp3")]
    [InlineData("harmless\u202Exe.wav", "harmlessxe.mp3")]
    [InlineData("a\0b\u2028c\uFEFF.wav", "abc.mp3")]
    public void For_KeepsTheNameAndChangesTheExtension(string name, string expected) =>
        Assert.Equal(expected, DownloadName.For(name, ".mp3"));

    [Fact]
    public void ForSource_KeepsTheExtension() => Assert.Equal("my_song.FLAC", DownloadName.ForSource("my/song.FLAC"));

    [Fact]
    public void AnyName_FitsIntoAHeader() => Gen.String[Gen.Char, 0, 300].Sample(name =>
    {
        var header = new ContentDispositionHeaderValue("attachment");
        header.SetHttpFileName(DownloadName.For(name, ".mp3"));
        var text = header.ToString();
        return text.EndsWith(".mp3", StringComparison.Ordinal) && !text.Any(char.IsControl) && text.All(char.IsAscii) && text.Length < 2_000;
    });
}
