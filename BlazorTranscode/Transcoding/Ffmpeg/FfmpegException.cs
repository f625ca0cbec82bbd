using System.Text.RegularExpressions;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>The work cannot be done. Becomes the report of a failed job.</summary>
/// <param name="reason">A sentence for the person whose file it is.</param>
/// <param name="retryable">Whether another attempt could end better.</param>
/// <param name="detail">The engine's own words.</param>
internal sealed partial class FfmpegException(string reason, bool retryable = false, string? detail = null) : Exception(reason)
{
    public const string NoRoom = "There is not enough room on the server's disk at the moment.";
    public const string NotStarted = "The converter could not be started.";
    private const string TooLarge = "The result would be larger than this server allows.";

    private const int DetailChars = 3000;
    // Codes that end a program by a signal are 128 and its number: SIGXCPU is 24, SIGXFSZ is 25.
    private const int FirstSignal = 128, OverCpu = 152, OverFileSize = 153;
    // ffmpeg's own code for "more than two thirds could not be decoded".
    private const int MostlyDamaged = 69;

    public bool Retryable => retryable;

    /// <summary>Whether an output reached the size that was allowed for it.</summary>
    public bool IsTooLarge => Message == TooLarge;

    /// <summary>Whether ffmpeg says that the disk is full.</summary>
    public bool IsNoRoom => Message == NoRoom;

    /// <summary>Whether ffmpeg itself did not come to run.</summary>
    public bool IsNotStarted => Message == NotStarted;

    public string? Detail => detail;

    /// <summary>Says what a code that is not 0 and the last words of the program mean for the owner of the file.</summary>
    /// <param name="decoded">Whether any sound came out before.</param>
    public static FfmpegException From(SandboxResult result, bool decoded)
    {
        var (reason, retryable) = result switch
        {
            { ExitCode: OverFileSize } => (TooLarge, false),
            { ExitCode: OverCpu } => ("It took more computing time than this server allows.", false),
            _ when result.Errors.Contains("No space left on device", StringComparison.Ordinal) => (NoRoom, true),
            _ when result.Errors.Contains("Cannot allocate memory", StringComparison.Ordinal) => ("It needs more memory than this server allows.", false),
            { ExitCode: >= FirstSignal } => ("The converter was interrupted.", true),
            _ when WordsOfTheStart().IsMatch(result.Errors) => (NotStarted, true),
            _ when UnknownCodec().Match(result.Errors) is { Success: true } match => ($"It holds “{match.Groups[1].Value}”, which we cannot read.", false),
            { ExitCode: MostlyDamaged } => ("Most of it is damaged and could not be decoded.", false),
            _ when !decoded => ("It is not audio that we can read.", false),
            _ => ("The conversion stopped halfway.", true),
        };
        return new(reason, retryable, DetailOf(result));
    }

    /// <summary>The code and the last lines, without characters that a page or a database could stumble over.</summary>
    public static string DetailOf(SandboxResult result)
    {
        var errors = result.Errors.Length > DetailChars ? result.Errors[^DetailChars..] : result.Errors;
        var text = string.Concat(errors.Select(c => (char.IsControl(c) && c != '\n') || char.IsSurrogate(c) ? ' ' : c));
        return $"Exit code {result.ExitCode}.\n{text}".TrimEnd();
    }

    [GeneratedRegex(@"^(bwrap|prlimit|setsid|nice|setpriv):|error while loading shared libraries", RegexOptions.Multiline)]
    private static partial Regex WordsOfTheStart();

    [GeneratedRegex(@"Codec \((\w{1,40})\) not on whitelist")]
    private static partial Regex UnknownCodec();
}
