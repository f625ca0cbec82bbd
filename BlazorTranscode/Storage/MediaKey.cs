using System.Text.RegularExpressions;

namespace BlazorTranscode.Storage;

/// <summary>
/// What a key may look like: lower-case words of letters and digits, joined by single <c>-</c>, <c>_</c>, <c>.</c> and, between folders,
/// <c>/</c>. Keys are generated, so anything else is a fault of ours; no such text can leave the folder it is put under.
/// </summary>
internal static partial class MediaKey
{
    /// <summary>Returns the key, or throws if it is none.</summary>
    /// <exception cref="ArgumentException">Not a key.</exception>
    public static string Check(string key) =>
        IsKey(key) ? key : throw new ArgumentException("This is not a storage key.", nameof(key));

    public static bool IsKey(string text) => text.Length <= 200 && Pattern.IsMatch(text);

    /// <summary>
    /// Whether it is a name that this program gives: <c>sources/ID</c> or <c>renditions/JOB/ATTEMPT/NAME</c>. Other names in a bucket are
    /// somebody else's.
    /// </summary>
    public static bool IsOurs(string text) => IsKey(text) && Given.IsMatch(text);

    [GeneratedRegex(@"\A(sources/[0-9a-f]{32}|renditions/[0-9a-f]{32}/[0-9]+/[^/]+)\z", RegexOptions.NonBacktracking)]
    private static partial Regex Given { get; }

    [GeneratedRegex(@"\A[a-z0-9]+([-_./][a-z0-9]+)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern { get; }
}
