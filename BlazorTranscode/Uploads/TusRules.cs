using BlazorTranscode.Storage;
using Microsoft.AspNetCore.Connections;

namespace BlazorTranscode.Uploads;

/// <summary>
/// What holds for every request to the uploads: the version of the protocol, the page it comes from, and that a refusal is one sentence
/// of plain text. The origin is checked instead of an antiforgery token, which a script would have to carry from page to page.
/// </summary>
internal sealed class TusRules(IConfiguration settings, StorageHealth storage) : IEndpointFilter
{
    public const string Version = "1.0.0";

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
        if (!HttpMethods.IsOptions(request.Method) && !HttpMethods.IsHead(request.Method) && !IsOurs(request))
            return Refusal(StatusCodes.Status403Forbidden, "Uploads are only taken from this site's own pages.");

        // Asking a store that is known to be away would only take the time until it is given up.
        if (!HttpMethods.IsOptions(request.Method) && !storage.IsAvailable)
            return Later(response, Away);

        try
        {
            return await next(context);
        }
        catch (UploadRefusedException e)
        {
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
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not FileNotFoundException)
        {
            if (context.HttpContext.RequestAborted.IsCancellationRequested)
                return Results.Empty;
            storage.Report(e);
            return Later(response, Away);
        }
    }

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
