namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>A word that occurs nowhere else: put into a command line, it tells whether that process still lives.</summary>
internal sealed class Marker
{
    private readonly string _text = $"marker{Guid.NewGuid():N}";

    public bool IsRunning() => Count() > 0;

    /// <summary>Whether this program runs with it: no longer one of those that prepare for it.</summary>
    public bool IsRunningIn(string program) => Directory.EnumerateDirectories("/proc").Any(process => HasIt(process, program));

    /// <summary>How many processes of the machine have it in their command line.</summary>
    public int Count() => Directory.EnumerateDirectories("/proc").Count(process => HasIt(process, ""));

    public override string ToString() => _text;

    private bool HasIt(string process, string program)
    {
        try
        {
            var line = File.ReadAllText(Path.Combine(process, "cmdline"));
            return line.StartsWith(program, StringComparison.Ordinal) && line.Contains(_text, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No process, or one that has just ended.
            return false;
        }
    }
}
