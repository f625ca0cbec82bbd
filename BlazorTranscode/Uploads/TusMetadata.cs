using System.Text;

namespace BlazorTranscode.Uploads;

/// <summary>The header <c>Upload-Metadata</c> of tus: <c>key base64, key base64</c>; https://tus.io/protocols/resumable-upload#upload-metadata</summary>
internal static class TusMetadata
{
    /// <summary>The longest header that is kept, in characters.</summary>
    public const int MaxLength = 4000;

    /// <summary>Keys and texts, or null if the header is malformed: an empty or doubled key, or a value that is not Base64.</summary>
    public static Dictionary<string, string>? Parse(string header)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(header))
            return values;
        if (header.Length > MaxLength)
            return null;
        foreach (var pair in header.Split(','))
        {
            var words = pair.Trim().Split(' ');
            if (words is not ([{ Length: > 0 }] or [{ Length: > 0 }, _]))
                return null;
            var base64 = words.ElementAtOrDefault(1) ?? "";
            var bytes = new byte[base64.Length];
            if (!Convert.TryFromBase64String(base64, bytes, out var length) || !values.TryAdd(words[0], Encoding.UTF8.GetString(bytes, 0, length)))
                return null;
        }

        return values;
    }
}
