using System.Buffers.Binary;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>
/// Finds out whether a source was cut off, for the two kinds where ffmpeg does not say so: it plays what is there and takes that for the
/// whole. OGG marks its last page (RFC 3533, section 6, header type bit 4); WAV says its size at the beginning.
/// </summary>
internal static class SourceEnd
{
    private const int RiffHeader = 12;
    // The largest page is 65,307 bytes, so its beginning is within this.
    private const int OggTail = 66_000;
    private const int OggTypeOffset = 5, OggLastPage = 4;
    // Programs that write to a pipe do not know the size and say 0 or something near the largest number, signed or not.
    private const uint FirstUnknownSize = 0x7FFF_0000;

    public static bool IsMissing(string path)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        Span<byte> start = stackalloc byte[RiffHeader];
        if (RandomAccess.Read(file, start, 0) < RiffHeader)
            return false;
        if (start.StartsWith("RIFF"u8) && start[8..].SequenceEqual("WAVE"u8))
            return BinaryPrimitives.ReadUInt32LittleEndian(start[4..]) is > 0 and < FirstUnknownSize and var size && size + 8L > length;
        return start.StartsWith("OggS"u8) && LacksLastPage(file, length);
    }

    private static bool LacksLastPage(Microsoft.Win32.SafeHandles.SafeFileHandle file, long length)
    {
        var tail = new byte[Math.Min(OggTail, length)];
        var read = RandomAccess.Read(file, tail, length - tail.Length);
        var page = tail.AsSpan(0, read).LastIndexOf("OggS"u8);
        return page < 0 || page + OggTypeOffset >= read || (tail[page + OggTypeOffset] & OggLastPage) == 0;
    }
}
