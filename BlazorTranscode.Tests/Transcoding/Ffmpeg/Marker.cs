namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>A word that occurs nowhere else: put into a command line, it tells whether that process still lives.</summary>
internal sealed class Marker
{
    private readonly string _text = $"marker{Guid.NewGuid():N}";

    public bool IsRunning() => Count() > 0;

    /// <summary>How many processes of the machine have it in their command line.</summary>
    public int Count() => Directory.EnumerateDirectories("/proc").Count(HasIt);

    public override string ToString() => _text;

    private bool HasIt(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(_text, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No process, or one that has just ended.
            return false;
        }
    }
}
