using System.Text;
using BlazorTranscode.Uploads;

namespace BlazorTranscode.Tests.Uploads;

public sealed class UploadChecksumsTests
{
    [Fact]
    public void Block_HasTheChecksumThatOthersMake() =>
        Assert.Equal([0xE3069283u], Of(Encoding.ASCII.GetBytes("123456789")).Blocks); // RFC 3720's CRC-32C.

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1_000_003)]
    public void Bytes_InPiecesOfAnyLength_GiveTheSameChecksums(int piece)
    {
        var content = TusClient.Bytes(2_500_000);
        var checksums = new UploadChecksums();
        foreach (var part in content.Chunk(piece))
            checksums.Add(part);
        Assert.Equal(Slow(content), checksums.Blocks);
        Assert.Equal(content.Length, checksums.Length);
    }

    [Fact]
    public void Stored_AndReadAgain_GoOnWithinABlock()
    {
        var content = TusClient.Bytes(1_500_000);
        var again = UploadChecksums.Read(Of(content[..1_300_000]).ToBytes());
        again.Add(content.AsSpan(1_300_000));
        Assert.Equal(Slow(content), again.Blocks);
    }

    [Theory]
    [InlineData(5_000_000, 1_500_000, 2)]
    [InlineData(1_500_000, 1_500_000, 2)]
    [InlineData(1_048_576, 1_048_576, 1)]
    [InlineData(1_048_577, 1_048_576, 1)]
    [InlineData(1000, 0, 0)]
    public void Cut_EndsWithAWholeBlock(long at, long length, int blocks)
    {
        var checksums = Of(TusClient.Bytes(1_500_000));
        checksums.Cut(at);
        Assert.Equal((length, blocks), (checksums.Length, checksums.Blocks.Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0102")]
    [InlineData("0100000000000000")]
    [InlineData("FFFFFFFFFFFFFFFF00000000")]
    [InlineData("010000000000000000000000FF")]
    public void Stored_InAnotherForm_CoversNothing(string stored) => Assert.Equal(0, UploadChecksums.Read(Convert.FromHexString(stored)).Length);

    /// <summary>The checksums of a content, made bit by bit.</summary>
    internal static uint[] Slow(byte[] content) => [.. content.Chunk(UploadChecksums.BlockLength).Select(block =>
    {
        var crc = ~0u;
        foreach (var single in block)
        {
            crc ^= single;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        return ~crc;
    })];

    private static UploadChecksums Of(byte[] content)
    {
        var checksums = new UploadChecksums();
        checksums.Add(content);
        return checksums;
    }
}
