using System.Buffers.Binary;
using System.Numerics;

namespace BlazorTranscode.Uploads;

/// <summary>
/// Checksums of the first bytes of an upload: a CRC-32C for each block of 1 MiB, the last block as far as it has come. A browser makes the
/// same of a file before it adds to the upload.
/// </summary>
/// <remarks>
/// A CRC of 32 bits is enough, because it guards against the accident that two files have the same name, size and time. By chance a block
/// of another file has the same one in 1 of 4 billion cases, and all blocks must agree. Who makes such a block on purpose spoils an upload
/// of their own. Castagnoli's polynomial is the one that processors and .NET bring along.
/// </remarks>
internal sealed class UploadChecksums
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockLength = 1 << 20;

    private readonly List<uint> _blocks = [];

    /// <summary>How many bytes are covered, from the first on.</summary>
    public long Length { get; private set; }

    public IReadOnlyList<uint> Blocks => _blocks;

    /// <summary>Reads what <see cref="ToBytes"/> has written. Of anything else it takes nothing, as if no byte were covered.</summary>
    public static UploadChecksums Read(ReadOnlySpan<byte> stored)
    {
        var checksums = new UploadChecksums();
        if (stored.Length < sizeof(long))
            return checksums;
        var length = BinaryPrimitives.ReadInt64LittleEndian(stored);
        var blocks = stored[sizeof(long)..];
        if (length < 0 || blocks.Length % sizeof(uint) != 0 || (length + BlockLength - 1) / BlockLength != blocks.Length / sizeof(uint))
            return checksums;
        for (; blocks.Length > 0; blocks = blocks[sizeof(uint)..])
            checksums._blocks.Add(BinaryPrimitives.ReadUInt32LittleEndian(blocks));
        checksums.Length = length;
        return checksums;
    }

    /// <summary>The length in 8 bytes and each checksum in 4, the lowest byte first.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[sizeof(long) + _blocks.Count * sizeof(uint)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Length);
        for (var i = 0; i < _blocks.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(sizeof(long) + i * sizeof(uint)), _blocks[i]);
        return bytes;
    }

    /// <summary>Adds the bytes that follow.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var filled = (int)(Length % BlockLength);
            if (filled == 0)
                _blocks.Add(0);
            var part = bytes[..Math.Min(bytes.Length, BlockLength - filled)];
            _blocks[^1] = Continue(_blocks[^1], part);
            Length += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>Covers no more than so many bytes: less if they end within a block, because a checksum cannot be taken back.</summary>
    public void Cut(long length)
    {
        if (length >= Length)
            return;
        Length = length - length % BlockLength;
        _blocks.RemoveRange((int)(Length / BlockLength), _blocks.Count - (int)(Length / BlockLength));
    }

    private static uint Continue(uint checksum, ReadOnlySpan<byte> bytes)
    {
        var crc = ~checksum;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var single in bytes)
            crc = BitOperations.Crc32C(crc, single);
        return ~crc;
    }
}
