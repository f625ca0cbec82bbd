using System.Security.Claims;
using BlazorTranscode.Data;

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

    private static async Task<IResult> DownloadAsync(
        string id, string format, ClaimsPrincipal user, LibraryStore library, MediaSender sender, HttpContext context)
    {
        var media = await FindAsync(id, format, user, library, context.RequestAborted);
        return media is null ? TypedResults.NotFound() : await sender.SendAsync(media, inline: false, context);
    }

    private static async Task<IResult> PlayAsync(
        string id, string format, ClaimsPrincipal user, LibraryStore library, MediaSender sender, HttpContext context)
    {
        var media = await FindAsync(id, format, user, library, context.RequestAborted);
        // What a stranger's device has called audio is only ever saved, never opened.
        return media?.Preset is null ? TypedResults.NotFound() : await sender.SendAsync(media, inline: true, context);
    }

    private static async Task<Media?> FindAsync(string id, string format, ClaimsPrincipal user, LibraryStore library, CancellationToken cancellationToken) =>
        Guid.TryParseExact(id, "D", out var fileId) && user.UserId is { } userId
            ? await library.FindMediaAsync(userId, fileId, format, cancellationToken)
            : null;
}
