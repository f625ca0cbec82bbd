using System.Net.Sockets;
using Amazon.Runtime;
using BlazorTranscode.Storage;
using Polly;

namespace BlazorTranscode.Hosting;

/// <summary>
/// What is known to happen when another machine is away: the store, AWS, the network. A stack trace explains nothing then, and a request
/// that met it is worth another try.
/// </summary>
internal sealed partial class Outage(TimeProvider time, ILogger<Outage> logger) : Microsoft.AspNetCore.Diagnostics.IExceptionHandler
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _silentUntil;

    public static bool Is(Exception failure) =>
        failure is StorageUnavailableException or HttpRequestException or SocketException or AmazonClientException or AmazonServiceException or ExecutionRejectedException;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!Is(exception))
            return false;
        if (IsTimeToSay())
            LogAnswered(logger, exception.Message);
        httpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        httpContext.Response.Headers.RetryAfter = "10";
        const string Sentence = "The storage does not answer at the moment. Nothing is lost: try again in a minute.";
        if (ErrorAnswers.WantsPage(httpContext.Request))
            await httpContext.Response.WriteAsync(Sentence + "\n", cancellationToken);
        else
            await TypedResults.Problem(Sentence, statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(httpContext);
        return true;
    }

    // One line for an outage, not one for each request that meets it.
    private bool IsTimeToSay()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (now < _silentUntil)
                return false;
            _silentUntil = now + Pause;
            return true;
        }
    }

    [LoggerMessage(LogLevel.Error, "Requests are answered with 503: {Reason}")]
    private static partial void LogAnswered(ILogger logger, string reason);
}
