namespace BlazorTranscode.Uploads;

/// <summary>What was asked is refused. The message is a sentence for the person.</summary>
/// <param name="status">The HTTP status that says the same to a program.</param>
/// <param name="retryAfter">When to ask again, if the reason passes by itself.</param>
internal sealed class UploadRefusedException(int status, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public int Status => status;

    public TimeSpan? RetryAfter => retryAfter;

    public static UploadRefusedException Unknown => new(StatusCodes.Status404NotFound, "There is no such upload. Choose the file again.");
}
