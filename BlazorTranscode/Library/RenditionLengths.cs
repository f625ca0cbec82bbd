using System.Data.Common;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Library;

/// <summary>
/// Finds out how many bytes a format has where its engine did not say. The store is asked when somebody looks at the file, and the answer
/// is kept: a report stays free of questions, and what a crash or a silent store prevents is made up for by the next look.
/// </summary>
internal sealed partial class RenditionLengths(IDbContextFactory<AppDbContext> databases, IMediaStore store, ILogger<RenditionLengths> logger)
{
    /// <returns>Whether any length was found out.</returns>
    public async Task<bool> FillInAsync(string ownerId, Guid fileId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var unknown = await db.AudioFiles.Where(f => f.Id == fileId && f.OwnerId == ownerId).SelectMany(f => f.Renditions).Where(r => r.Length == 0)
            .Select(r => new { r.Id, r.StorageKey }).ToListAsync(cancellationToken);
        var any = false;
        foreach (var rendition in unknown)
        {
            try
            {
                await using var bytes = await store.OpenAsync(rendition.StorageKey, cancellationToken);
                var length = bytes.Length;
                await db.Renditions.Where(r => r.Id == rendition.Id).ExecuteUpdateAsync(set => set.SetProperty(r => r.Length, length), cancellationToken);
                any |= length > 0;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException or DbException)
            {
                LogNotKnown(e, rendition.StorageKey);
            }
        }

        return any;
    }

    [LoggerMessage(LogLevel.Warning, "The size of {Key} could not be found out")]
    private partial void LogNotKnown(Exception exception, string key);
}
