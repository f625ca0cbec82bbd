using BlazorTranscode.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace BlazorTranscode.Library;

/// <summary>
/// Hands out one object of the media store: as a stream, or as a redirect to the store's own address. The store is asked for the object
/// first, because behind the redirect nothing of ours could say that it is gone or that the store is away.
/// </summary>
internal sealed class MediaSender(IMediaStore store, StorageHealth health, TimeProvider time)
{
    // The store's own retries take longer than somebody waits at an empty tab.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PatienceWhileAway = TimeSpan.FromSeconds(2);

    public async Task<IResult> SendAsync(Media media, bool inline, HttpContext context)
    {
        var name = media.Preset is { } preset ? DownloadName.For(media.FileName, preset.Extension) : DownloadName.ForSource(media.FileName);
        var type = media.Preset?.ContentType ?? "application/octet-stream";
        var headers = context.Response.Headers;
        headers.CacheControl = "private, no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        using var clock = new CancellationTokenSource(health.IsAvailable ? Patience : PatienceWhileAway, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, clock.Token);
        try
        {
            // No format of anything has no bytes.
            if (await store.LengthAsync(media.StorageKey, either.Token) is null or 0)
                return Missing(media, context);
            if (store.DownloadLink(media.StorageKey, name, type, inline) is { } link)
                return TypedResults.Redirect(link.AbsoluteUri);
            var bytes = await store.OpenAsync(media.StorageKey, either.Token);
            var tag = new EntityTagHeaderValue($"\"{media.Id:N}\"");
            return TypedResults.Stream(bytes, type, inline ? null : name, entityTag: tag, enableRangeProcessing: true);
        }
        catch (FileNotFoundException)
        {
            return Missing(media, context); // deleted a moment ago, in another tab
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            health.Doubt();
            return Away(context);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            health.Report(fault);
            return Away(context);
        }
    }

    // With its disk not mounted a folder has nothing either.
    private IResult Missing(Media media, HttpContext context) => !health.IsAvailable ? Away(context) : Answer(
        context, StatusCodes.Status404NotFound, "These bytes are gone",
        media.Preset is null
            ? "The storage no longer has this file as it was uploaded. What was made of it may still be there."
            : "The storage no longer has this format of the file. Other formats of it may still be there.");

    private static IResult Away(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "10";
        return Answer(context, StatusCodes.Status503ServiceUnavailable, "Not just now", $"{StorageHealth.Away} Nothing is lost; try again in a minute.");
    }

    /// <summary>A page for a person, the sentence alone for a player or a program.</summary>
    private static IResult Answer(HttpContext context, int status, string title, string sentence)
    {
        if (!context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            return TypedResults.Text(sentence, statusCode: status);
        return new RazorComponentResult<MediaTroublePage>(new Dictionary<string, object?> { ["Title"] = title, ["Sentence"] = sentence })
        {
            StatusCode = status, PreventStreamingRendering = true,
        };
    }
}
