using BlazorTranscode.Uploads;
using CsCheck;

namespace BlazorTranscode.Tests.Uploads;

public sealed class TusMetadataTests
{
    [Theory]
    [InlineData("filename c29uZy5tcDM=", "filename", "song.mp3")]
    [InlineData("a YQ==, b Yg==", "b", "b")]
    [InlineData("is_confidential", "is_confidential", "")]
    [InlineData("a ,b Yg==", "a", "")]
    [InlineData("a /w==", "a", "\uFFFD")]
    public void Parse_OfAHeader_GivesItsTexts(string header, string key, string text) => Assert.Equal(text, TusMetadata.Parse(header)![key]);

    [Theory]
    [InlineData(",")]
    [InlineData("a YQ==,")]
    [InlineData(" YQ==,,")]
    [InlineData("a YQ==,a Yg==")]
    [InlineData("a b c")]
    [InlineData("a Y")]
    [InlineData("a ÄÖ==")]
    [InlineData("a  YQ==")]
    public void Parse_OfAMalformedHeader_IsNull(string header) => Assert.Null(TusMetadata.Parse(header));

    [Fact]
    public void Parse_OfATooLongHeader_IsNull() => Assert.Null(TusMetadata.Parse("a " + new string('A', TusMetadata.MaxLength)));

    [Fact]
    public void Parse_OfNothing_IsEmpty() => Assert.Empty(TusMetadata.Parse("")!);

    [Fact]
    public void Parse_OfAnyText_NeverThrows() => Gen.OneOf(Gen.String, Gen.String[Gen.Char[" ,=abAB+/\t"], 0, 60]).Sample(text => _ = TusMetadata.Parse(text));

    [Fact]
    public void Parse_OfAnyEncodedText_GivesItBack() => Gen.String[Gen.Char['\u0001', '\uD7FF'], 0, 300].Sample(text =>
        Assert.Equal(text, TusMetadata.Parse($"other, filename {TusClient.Base64(text)}")!["filename"]));
}
