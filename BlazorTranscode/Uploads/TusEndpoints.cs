using System.Globalization;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Transcoding;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Uploads;

/// <summary>
/// Resumable uploads over HTTP: tus 1.0.0 with the extensions creation, expiration and termination;
/// https://tus.io/protocols/resumable-upload. Announced with the metadata <c>filename</c> and <c>presets</c> (ids joined by commas).
/// </summary>
internal static class TusEndpoints
{
    private const string Chunk = "application/offset+octet-stream";

    public static void MapTus(this IEndpointRouteBuilder app)
    {
        var uploads = app.MapGroup("/uploads").RequireAuthorization().AddEndpointFilter<TusRules>();
        uploads.MapMethods("/", [HttpMethods.Options], Options);
        uploads.MapMethods("/{id:guid}", [HttpMethods.Options], Options);
        uploads.MapPost("/", CreateAsync);
        uploads.MapMethods("/{id:guid}", [HttpMethods.Head], HeadAsync);
        uploads.MapGet("/{id:guid}", ArrivedBytes.AnswerAsync);
        uploads.MapPatch("/{id:guid}", PatchAsync);
        uploads.MapDelete("/{id:guid}", DeleteAsync);
        // For clients whose environment knows only GET and POST.
        uploads.MapPost("/{id:guid}", (Guid id, HttpContext http, UploadIntake intake, UploadLocks locks, IHostApplicationLifetime app) =>
            http.Request.Headers["X-HTTP-Method-Override"].ToString() switch
            {
                "PATCH" => PatchAsync(id, http, intake, locks, app),
                "DELETE" => DeleteAsync(id, http, intake, locks),
                _ => Task.FromResult(Results.StatusCode(StatusCodes.Status405MethodNotAllowed)),
            });
    }

    private static IResult Options(HttpContext http, IOptions<UploadOptions> options)
    {
        http.Response.Headers["Tus-Version"] = TusRules.Version;
        http.Response.Headers["Tus-Extension"] = "creation,expiration,termination";
        http.Response.Headers["Tus-Max-Size"] = Text(options.Value.MaxBytes);
        return Results.NoContent();
    }

    private static async Task<IResult> CreateAsync(HttpContext http, UploadIntake intake, ITranscoder transcoder)
    {
        var length = Number(http, "Upload-Length") ?? throw Bad("The upload does not say how long the file is.");
        var header = http.Request.Headers["Upload-Metadata"].ToString();
        var metadata = TusMetadata.Parse(header) ?? throw Bad("The upload describes the file in a way that cannot be read.");
        var wanted = metadata.GetValueOrDefault("presets", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (wanted.Length == 0)
            throw Bad("Choose at least one format.");
        if (wanted.Any(id => Preset.Find(id) is null))
            throw Bad("One of the chosen formats does not exist.");

        if (wanted.Select(id => transcoder.Refuses(Preset.Find(id)!)).FirstOrDefault(reason => reason is not null) is { } refusal)
            throw Bad(refusal);

        List<string> presets = [.. Preset.All.Select(p => p.Id).Intersect(wanted)];
        var name = DisplayName.Clean(metadata.GetValueOrDefault("filename", ""));
        var upload = await intake.BeginAsync(http.User.UserId!, name, length, presets, header, http.RequestAborted);
        http.Response.Headers["Upload-Expires"] = upload.ExpiresAt.ToString("R");
        return Results.Created($"/uploads/{upload.Id}", null);
    }

    private static async Task<IResult> HeadAsync(Guid id, HttpContext http, UploadIntake intake, UploadLocks locks)
    {
        var upload = await intake.FindAsync(http.User.UserId!, id, http.RequestAborted);
        var offset = await intake.OffsetAsync(upload, http.RequestAborted);
        if (offset == upload.Length && locks.TryTake(id) is { } hold)
        {
            using (hold)
                await intake.FinishAsync(upload, CancellationToken.None);
        }

        Answer(http, upload, offset);
        http.Response.Headers["Upload-Length"] = Text(upload.Length);
        http.Response.Headers["Upload-Metadata"] = upload.Metadata;
        return Results.Ok();
    }

    private static async Task<IResult> PatchAsync(Guid id, HttpContext http, UploadIntake intake, UploadLocks locks, IHostApplicationLifetime app)
    {
        if (http.Request.ContentType != Chunk)
            throw new UploadRefusedException(StatusCodes.Status415UnsupportedMediaType, $"A piece of a file is sent as {Chunk}.");
        var start = Number(http, "Upload-Offset") ?? throw Bad("The piece does not say where in the file it belongs.");
        var (upload, hold) = await TakeAsync(id, http, intake, locks);
        using var held = hold;
        var offset = await intake.OffsetAsync(upload, http.RequestAborted);
        if (start != offset)
            throw new UploadRefusedException(StatusCodes.Status409Conflict, $"The piece starts at {start}, but {offset} bytes have arrived.");
        if (http.Request.ContentLength > upload.Length - offset)
            throw TooLong();

        LiftLimits(http);
        if (offset < upload.Length)
        {
            // Not the request's own token: what has already reached this machine when a connection breaks shall be kept.
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(app.ApplicationStopping, hold.Ended);
            try
            {
                offset = await intake.AppendAsync(upload, offset, http.Request.BodyReader, hold, stop.Token);
            }
            catch (OperationCanceledException) when (hold.Ended.IsCancellationRequested && !app.ApplicationStopping.IsCancellationRequested)
            {
                throw hold.IsGivenUp
                    ? new UploadRefusedException(StatusCodes.Status409Conflict, "Another connection goes on with this file.")
                    : new UploadRefusedException(StatusCodes.Status408RequestTimeout, "Nothing came for half a minute. What has arrived is kept.");
            }
        }

        if (offset == upload.Length)
        {
            await RefuseMoreAsync(http, upload, intake);
            await intake.FinishAsync(upload, CancellationToken.None);
        }

        Answer(http, upload, offset);
        return Results.NoContent();
    }

    private static async Task<IResult> DeleteAsync(Guid id, HttpContext http, UploadIntake intake, UploadLocks locks)
    {
        var (upload, hold) = await TakeAsync(id, http, intake, locks);
        using var held = hold;
        if (!await intake.DiscardAsync(upload, CancellationToken.None))
            throw new UploadRefusedException(StatusCodes.Status410Gone, "This file has already arrived. It can be deleted in the library.");
        return Results.NoContent();
    }

    /// <summary>
    /// The upload and its lock. Whose upload it is comes first, because a request for it may end another one; and again afterwards, because
    /// that other one may have changed the row before it left.
    /// </summary>
    public static async Task<(Upload Upload, UploadHold Hold)> TakeAsync(Guid id, HttpContext http, UploadIntake intake, UploadLocks locks)
    {
        await intake.FindAsync(http.User.UserId!, id, http.RequestAborted);
        var hold = await locks.TakeAsync(id, http.User.UserId!, http.RequestAborted);
        try
        {
            return (await intake.FindAsync(http.User.UserId!, id, http.RequestAborted), hold);
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>A body of unknown length that goes on after the last byte is not the file that was announced.</summary>
    private static async Task RefuseMoreAsync(HttpContext http, Upload upload, UploadIntake intake)
    {
        if (http.Request.ContentLength is not null)
            return;
        var more = await http.Request.BodyReader.ReadAsync(http.RequestAborted);
        var tooLong = !more.Buffer.IsEmpty;
        http.Request.BodyReader.AdvanceTo(more.Buffer.End);
        if (!tooLong)
            return;
        await intake.DiscardAsync(upload, CancellationToken.None);
        throw TooLong();
    }

    /// <summary>A piece may have any length and take as long as it likes, as long as something comes.</summary>
    private static void LiftLimits(HttpContext http)
    {
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        // HTTP/2 refuses another rate for one of its streams.
        if (HttpProtocol.IsHttp11(http.Request.Protocol) && http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
    }

    private static void Answer(HttpContext http, Upload upload, long offset)
    {
        http.Response.Headers["Upload-Offset"] = Text(offset);
        if (offset < upload.Length)
            http.Response.Headers["Upload-Expires"] = upload.ExpiresAt.ToString("R");
    }

    private static long? Number(HttpContext http, string header) =>
        long.TryParse(http.Request.Headers[header], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static UploadRefusedException Bad(string sentence) => new(StatusCodes.Status400BadRequest, sentence);

    private static UploadRefusedException TooLong() =>
        new(StatusCodes.Status413PayloadTooLarge, "More bytes were sent than the file was announced to have.");
}
