using System.Globalization;
using System.Text;

namespace BlazorTranscode.Uploads;

/// <summary>Makes of whatever a browser calls a file something that can be shown: one line, no folders, no characters that deceive.</summary>
internal static class DisplayName
{
    public const int MaxLength = 200;

    /// <summary>At most <see cref="MaxLength"/> characters, never empty. It is for people and never becomes a path.</summary>
    public static string Clean(string raw)
    {
        var name = raw[(raw.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune))
                clean.Append(' ');
            else if (IsShown(rune))
                clean.Append(rune);
            if (clean.Length > MaxLength)
            {
                clean.Length -= rune.Utf16SequenceLength;
                break;
            }
        }

        var text = clean.ToString().Trim();
        return text.Trim('.', ' ').Length == 0 ? "untitled" : text;
    }

    // Format characters turn text around, hide in it or end it early. Two of them are letters' joints in Persian, Hindi and emoji.
    private static bool IsShown(Rune rune) =>
        rune.Value is 0x200C or 0x200D
        || (rune != Rune.ReplacementChar
            && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate));
}
