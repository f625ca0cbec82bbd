using System.Globalization;
using System.Text.Json;

namespace BlazorTranscode.Transcoding;

/// <summary>Reads what engines send without trusting its shape: what is missing or of another kind is null, never an exception.</summary>
internal static class EngineJson
{
    extension(JsonElement element)
    {
        /// <summary>A member, or null if there is none.</summary>
        public JsonElement? Member(string name) =>
            element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

        /// <summary>A text or number as text: one service sends its error codes as either.</summary>
        public string? Text(string name) => element.Member(name) switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!.Replace('\0', '\ufffd'), // not every database can hold a NUL
            { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
            _ => null,
        };

        public double? Number(string name) =>
            double.TryParse(element.Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

        /// <summary>The elements of an array; none if it is no array.</summary>
        public IEnumerable<JsonElement> Items(string name) =>
            element.Member(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

        /// <summary>The job and attempt that we gave the engine to carry.</summary>
        public (Guid? JobId, int? Attempt) Metadata(string name)
        {
            var metadata = element.Member(name);
            Guid? jobId = Guid.TryParse(metadata?.Text(EngineReport.JobIdKey), out var id) ? id : null;
            int? attempt = int.TryParse(metadata?.Text(EngineReport.AttemptKey), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
            return (jobId, attempt);
        }
    }

    /// <summary>Seconds as a time; what no file can last counts as not known.</summary>
    public static TimeSpan Seconds(double? seconds) => seconds is > 0 and < 1e7 ? TimeSpan.FromSeconds(seconds.Value) : TimeSpan.Zero;
}
