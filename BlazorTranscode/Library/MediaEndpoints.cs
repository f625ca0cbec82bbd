using System.Security.Claims;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.Net.Http.Headers;

namespace BlazorTranscode.Library;

/// <summary>
/// The bytes of a file: <c>/files/{id}/{format}</c> to keep them, <c>/files/{id}/{format}/play</c> to hear them. Only for their owner;
/// for everybody else there is nothing, as there is nothing at an address that was made up.
/// </summary>
internal static class MediaEndpoints
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void MapMedia(this IEndpointRouteBuilder app)
    {
        var media = app.MapGroup("/files/{id}/{format}").RequireAuthorization();
        media.MapMethods("", Reading, DownloadAsync);
        media.MapMethods("/play", Reading, PlayAsync);
    }

    private static async Task<IResult> DownloadAsync(string id, string format, ClaimsPrincipal user, LibraryStore library, IMediaStore store, HttpContext context)
    {
        var media = await FindAsync(id, format, user, library, context.RequestAborted);
        return media is null ? TypedResults.NotFound() : await SendAsync(media, inline: false, store, context);
    }

    private static async Task<IResult> PlayAsync(string id, string format, ClaimsPrincipal user, LibraryStore library, IMediaStore store, HttpContext context)
    {
        var media = await FindAsync(id, format, user, library, context.RequestAborted);
        // What a stranger's device has called audio is only ever saved, never opened.
        return media?.Preset is null ? TypedResults.NotFound() : await SendAsync(media, inline: true, store, context);
    }

    private static async Task<Media?> FindAsync(string id, string format, ClaimsPrincipal user, LibraryStore library, CancellationToken cancellationToken) =>
        Guid.TryParseExact(id, "D", out var fileId) && user.UserId is { } userId
            ? await library.FindMediaAsync(userId, fileId, format, cancellationToken)
            : null;

    private static async Task<IResult> SendAsync(Media media, bool inline, IMediaStore store, HttpContext context)
    {
        var name = media.Preset is { } preset ? DownloadName.For(media.FileName, preset.Extension) : DownloadName.ForSource(media.FileName);
        var type = media.Preset?.ContentType ?? "application/octet-stream";
        var headers = context.Response.Headers;
        headers.CacheControl = "private, no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (store.DownloadLink(media.StorageKey, name, type, inline) is { } link)
            return TypedResults.Redirect(link.AbsoluteUri);

        Stream bytes;
        try
        {
            bytes = await store.OpenAsync(media.StorageKey, context.RequestAborted);
        }
        catch (FileNotFoundException)
        {
            return TypedResults.NotFound(); // deleted a moment ago, in another tab
        }
        var tag = new EntityTagHeaderValue($"\"{media.Id:N}\"");
        return TypedResults.Stream(bytes, type, inline ? null : name, entityTag: tag, enableRangeProcessing: true);
    }
}
