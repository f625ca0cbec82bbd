using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Uploads;

/// <summary>Which objects of the store rows name.</summary>
internal static class KeysOfRows
{
    private const int SampleSize = 10;

    /// <summary>For <see cref="NamedKeys"/>.</summary>
    public static NamedKeys Named => new(AmongAsync, UnfinishedAmongAsync, SampleAsync);

    /// <summary>
    /// Which of these keys a file, a format or an unfinished upload names. The id in a key is looked up first, because the columns of
    /// keys have no index; what is not found that way is compared with every row, because only the column is the truth.
    /// </summary>
    public static async Task<HashSet<string>> AmongAsync(AppDbContext db, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
            return [];
        HashSet<string> named = [.. await UnfinishedAmongAsync(db, keys, cancellationToken)];
        var sources = IdsIn(keys, "sources");
        named.UnionWith(await db.AudioFiles.Where(f => sources.Contains(f.Id)).Select(f => f.StorageKey).ToListAsync(cancellationToken));
        var jobs = IdsIn(keys, "renditions");
        var renditions = db.Renditions;
        named.UnionWith(await db.TranscodeJobs.Where(j => jobs.Contains(j.Id))
            .Join(renditions, j => j.AudioFileId, r => r.AudioFileId, (_, r) => r.StorageKey).ToListAsync(cancellationToken));
        named.IntersectWith(keys);

        var left = keys.Except(named).ToList();
        if (left.Count == 0)
            return named;
        named.UnionWith(await db.AudioFiles.Where(f => left.Contains(f.StorageKey)).Select(f => f.StorageKey).ToListAsync(cancellationToken));
        named.UnionWith(await renditions.Where(r => left.Contains(r.StorageKey)).Select(r => r.StorageKey).ToListAsync(cancellationToken));
        return named;
    }

    /// <summary>
    /// The same, and those that a job which is not over may still make, and those that are about to be deleted: all that the program
    /// has a reason for.
    /// </summary>
    public static async Task<HashSet<string>> KnownAmongAsync(AppDbContext db, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var known = await AmongAsync(db, keys, cancellationToken);
        known.UnionWith(await db.PendingDeletions.Where(d => keys.Contains(d.StorageKey)).Select(d => d.StorageKey).ToListAsync(cancellationToken));
        var ids = IdsIn(keys, "renditions");
        var open = await db.TranscodeJobs.Where(j => ids.Contains(j.Id) && j.State < JobStates.FirstTerminal).Select(j => j.Id).ToListAsync(cancellationToken);
        known.UnionWith(keys.Where(key => IdIn(key, "renditions") is { } id && open.Contains(id)));
        return known;
    }

    /// <summary>The id that a key holds behind this folder; null if it is no such key.</summary>
    public static Guid? IdIn(string key, string folder) =>
        key.Split('/') is [var first, var id, ..] && first == folder && Guid.TryParseExact(id, "N", out var parsed) ? parsed : null;

    private static List<Guid> IdsIn(IEnumerable<string> keys, string folder) => [.. keys.Select(key => IdIn(key, folder)).OfType<Guid>().Distinct()];

    private static async Task<HashSet<string>> UnfinishedAmongAsync(AppDbContext db, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        [.. await db.Uploads.Where(u => u.CompletedAt == null && keys.Contains(u.StorageKey)).Select(u => u.StorageKey).ToListAsync(cancellationToken)];

    private static async Task<List<string>> SampleAsync(AppDbContext db, CancellationToken cancellationToken)
    {
        var oldest = await db.AudioFiles.OrderBy(f => f.Id).Take(SampleSize).Select(f => f.StorageKey).ToListAsync(cancellationToken);
        var newest = await db.AudioFiles.OrderByDescending(f => f.Id).Take(SampleSize).Select(f => f.StorageKey).ToListAsync(cancellationToken);
        return [.. newest.Union(oldest)];
    }
}
