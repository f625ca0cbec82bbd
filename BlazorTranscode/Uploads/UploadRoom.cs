using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Uploads;

/// <summary>
/// Whether a person has room for one more upload. At start it also sets room aside again for what the uploads lack that were begun before.
/// </summary>
internal sealed class UploadRoom(PersonalRoom people, IMediaStore store, IDbContextFactory<AppDbContext> databases, TimeProvider time)
    : IHostedService
{
    /// <summary>Decides inside the write transaction that begins the upload, so that two at once cannot both have the last bytes.</summary>
    /// <exception cref="UploadRefusedException">This person has no room for so many bytes.</exception>
    public async Task RequireAsync(AppDbContext db, string ownerId, long length, CancellationToken cancellationToken)
    {
        var use = await people.OfAsync(db, ownerId, cancellationToken);
        if (use.HasRoomFor(length))
            return;
        var limit = use.Limit!.Value;
        throw new UploadRefusedException(StatusCodes.Status507InsufficientStorage, length > limit
            ? $"This file has {Measures.Size(length)}; all your files together may have {Measures.Size(limit)}."
            : $"This file has {Measures.Size(length)}, and you have used {Measures.Part(use.Used, limit)}. Delete something first.");
    }

    /// <summary>What a person uses and may use at this moment.</summary>
    public async Task<PersonalUse> OfAsync(string ownerId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await people.OfAsync(db, ownerId, cancellationToken);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var begun = db.Uploads.Where(u => u.CompletedAt == null && u.ExpiresAt > now).Select(u => new { u.StorageKey, u.StorageHandle, u.Length });
        foreach (var upload in await begun.ToListAsync(cancellationToken))
            store.Resume(upload.StorageKey, upload.StorageHandle, upload.Length);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
