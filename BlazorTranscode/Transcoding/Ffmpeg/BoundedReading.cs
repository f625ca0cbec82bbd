using System.Text;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>Reads a pipe to its end, however much comes, and keeps a bounded part of it: a full pipe would block the program that writes.</summary>
internal static class BoundedReading
{
    private const int BufferChars = 4096;

    /// <summary>The first <paramref name="limit"/> characters.</summary>
    public static async Task<string> KeepStartAsync(TextReader reader, int limit)
    {
        var kept = new StringBuilder();
        var buffer = new char[BufferChars];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
            kept.Append(buffer, 0, Math.Min(count, limit - kept.Length));
        return kept.ToString();
    }

    /// <summary>The last <paramref name="limit"/> characters, or a few more.</summary>
    public static async Task<string> KeepEndAsync(TextReader reader, int limit)
    {
        var kept = new StringBuilder();
        var buffer = new char[BufferChars];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            kept.Append(buffer, 0, count);
            if (kept.Length > 2 * limit)
                kept.Remove(0, kept.Length - limit);
        }

        return kept.Length > limit ? kept.ToString(kept.Length - limit, limit) : kept.ToString();
    }

    /// <summary>Hands over line after line, each cut after <paramref name="limit"/> characters.</summary>
    public static async Task ReadLinesAsync(TextReader reader, int limit, Action<string> onLine)
    {
        var line = new StringBuilder();
        var buffer = new char[BufferChars];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            foreach (var character in buffer.AsMemory(0, count).ToArray())
            {
                if (character == '\n')
                {
                    onLine(line.ToString());
                    line.Clear();
                }
                else if (line.Length < limit)
                {
                    line.Append(character);
                }
            }
        }
    }
}
