using System.Data.Common;
using System.Globalization;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Uploads;

/// <summary>
/// What holds for every request to the uploads: the version of the protocol, the page it comes from, and that a refusal is one sentence
/// of plain text. The origin is checked instead of an antiforgery token, which a script would have to carry from page to page.
/// </summary>
internal sealed partial class TusRules(IConfiguration settings, StorageHealth storage, StoreOwnership ownership, ILogger<TusRules> logger) : IEndpointFilter
{
    public const string Version = "1.0.0";

    /// <summary>In a request: the id of the person for whom the page sends. In an answer: that another person is signed in.</summary>
    private const string Owner = "Upload-Owner";

    private const string Away = $"{StorageHealth.Away} The upload goes on by itself.";

    /// <summary>Seconds after which somebody who was turned away may come again.</summary>
    private const string RetryAfter = "10";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var (request, response) = (context.HttpContext.Request, context.HttpContext.Response);
        response.Headers["Tus-Resumable"] = Version;
        response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsOptions(request.Method) && request.Headers["Tus-Resumable"] != Version)
        {
            response.Headers["Tus-Version"] = Version;
            return Refusal(StatusCodes.Status412PreconditionFailed, "This server speaks version 1.0.0 of tus; reload the page.");
        }

        // A browser names the origin with every request that changes something.
        if (!HttpMethods.IsOptions(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsGet(request.Method) && !IsOurs(request))
            return Refusal(StatusCodes.Status403Forbidden, "Uploads are only taken from this site's own pages.");

        // The cookie says who is signed in at the moment, the page for whom it was opened. Other clients than our pages send no such header.
        var owner = request.Headers[Owner].ToString();
        if (owner.Length > 0 && owner != context.HttpContext.User.UserId)
        {
            response.Headers[Owner] = "another";
            return Refusal(StatusCodes.Status403Forbidden, "Another person has signed in in this browser, so this upload has stopped.");
        }

        // What is known of an upload would be looked for in the wrong place, and taken for lost.
        if (!HttpMethods.IsOptions(request.Method) && await ownership.RefusalAsync(context.HttpContext.RequestAborted) is { } problem)
            return Later(response, problem);

        // Asking a store that is known to be away would only take the time until it is given up.
        if (!HttpMethods.IsOptions(request.Method) && !storage.IsAvailable)
            return Later(response, Away);

        try
        {
            return await next(context);
        }
        catch (UploadRefusedException e)
        {
            if (e.RetryAfter is { } wait)
                response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Refusal(e.Status, e.Message);
        }
        catch (StorageFullException e)
        {
            return Refusal(StatusCodes.Status507InsufficientStorage, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return Refusal(e.StatusCode, "The connection broke or was too slow.");
        }
        catch (OperationCanceledException)
        {
            return Refusal(StatusCodes.Status503ServiceUnavailable, "The server is restarting. The upload goes on by itself.");
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            return Results.Empty; // Nobody is left to read an answer.
        }
        catch (StorageBusyException e)
        {
            return Later(response, e.Message);
        }
        catch (Exception e) when (e is DbException or DbUpdateException)
        {
            LogDatabase(e.GetBaseException().Message);
            return Later(response, "The server cannot write to its database at the moment. The upload goes on by itself.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not FileNotFoundException)
        {
            if (context.HttpContext.RequestAborted.IsCancellationRequested)
                return Results.Empty;
            storage.Report(e);
            return Later(response, Away);
        }
    }

    [LoggerMessage(LogLevel.Warning, "An upload was asked to come again, because the database could not be written: {Reason}")]
    private partial void LogDatabase(string reason);

    private static IResult Later(HttpResponse response, string sentence)
    {
        response.Headers.RetryAfter = RetryAfter;
        return Refusal(StatusCodes.Status503ServiceUnavailable, sentence);
    }

    private static IResult Refusal(int status, string sentence) => Results.Text(sentence, statusCode: status);

    private bool IsOurs(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        var outside = settings["PublicOrigin"]?.TrimEnd('/');
        return string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            || (!string.IsNullOrEmpty(outside) && string.Equals(origin, outside, StringComparison.OrdinalIgnoreCase));
    }
}
