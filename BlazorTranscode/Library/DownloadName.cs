using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace BlazorTranscode.Library;

/// <summary>
/// The name that a download is saved under. What a person called the file may hold anything: line breaks that would end a header, paths,
/// marks that turn the reading direction around so that an extension looks like another.
/// </summary>
internal static partial class DownloadName
{
    private const int LongestStem = 120;
    private const string Unwelcome = "\"*/:<>?\\|";

    /// <summary>The name with the extension (with its dot) of the format, instead of the one it had.</summary>
    public static string For(string name, string extension) => Stem(Extension().Replace(name, "")) + extension;

    /// <summary>The name as it was, as far as it is harmless.</summary>
    public static string ForSource(string name)
    {
        var extension = Extension().Match(name).Value;
        return Stem(name[..^extension.Length]) + extension;
    }

    private static string Stem(string name)
    {
        var stem = new StringBuilder();
        foreach (var rune in name.EnumerateRunes().Take(LongestStem))
        {
            if (!IsInvisible(rune))
                stem.Append(rune.IsAscii && Unwelcome.Contains((char)rune.Value, StringComparison.Ordinal) ? "_" : rune.ToString());
        }
        var clean = stem.ToString().Trim().Trim('.', ' ');
        return clean.Length == 0 ? "audio" : clean;
    }

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned;

    /// <summary>At most five letters and digits, at least one of them a letter: "No. 5" and "Track.01" end in none.</summary>
    [GeneratedRegex(@"\.(?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,5}$")]
    private static partial Regex Extension();
}
