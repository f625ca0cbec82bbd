using System.Text.Json;

namespace BlazorTranscode.Aws;

/// <summary>A service said no, or said nothing that helps.</summary>
/// <param name="code">The kind of error, such as <c>AccessDeniedException</c>.</param>
/// <param name="status">The status of the answer.</param>
internal sealed class AwsServiceException(string service, int status, string code, string message)
    : Exception($"{service} answered {status} {code}: {message}")
{
    public int Status => status;

    public string Code => code;

    /// <summary>Reads the error of a service that speaks JSON: the kind in a header, the words in the body.</summary>
    public static async Task ThrowUnlessSuccessAsync(string service, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.IsSuccessStatusCode)
            return;
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var code = answer.Headers.TryGetValues("x-amzn-ErrorType", out var types) ? types.First().Split(':')[0] : "";
        throw new AwsServiceException(service, (int)answer.StatusCode, code, MessageIn(text) ?? text[..Math.Min(text.Length, 300)]);
    }

    private static string? MessageIn(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind is JsonValueKind.Object && (json.RootElement.TryGetProperty("message", out var words)
                || json.RootElement.TryGetProperty("Message", out words)) ? words.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
