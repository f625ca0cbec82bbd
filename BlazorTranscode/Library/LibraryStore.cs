using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Library;

/// <summary>Reads files, always as one owner: what belongs to somebody else is not found.</summary>
internal sealed class LibraryStore(IDbContextFactory<AppDbContext> databases, ITranscoder transcoder, JobHold hold, TimeProvider time)
{
    /// <summary>The most characters of a name that are looked for; a longer pattern is too complex for the database.</summary>
    public const int LongestSearch = 100;

    /// <summary>The newest files whose name contains <paramref name="search"/>.</summary>
    public async Task<LibraryList> ListAsync(string ownerId, string? search, int take, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var files = db.AudioFiles.Where(f => f.OwnerId == ownerId);
        if (!string.IsNullOrWhiteSpace(search))
        {
            var wanted = search.Trim();
            var pattern = $"%{Escaped(wanted.Length > LongestSearch ? wanted[..LongestSearch] : wanted)}%";
            files = files.Where(f => EF.Functions.Like(f.Name, pattern, @"\"));
        }
        var total = await files.CountAsync(cancellationToken);
        var rows = await Rows(db, files).OrderByDescending(r => r.File.UploadedAt).ThenByDescending(r => r.File.Id).Take(take)
            .AsNoTracking().ToListAsync(cancellationToken);
        return new(await ItemsOfAsync(db, rows, cancellationToken), total);
    }

    /// <summary>One file with its formats, or null.</summary>
    public async Task<LibraryFile?> FindAsync(string ownerId, Guid fileId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await Rows(db, db.AudioFiles.Where(f => f.Id == fileId && f.OwnerId == ownerId)).AsNoTracking().FirstOrDefaultAsync(cancellationToken);
        if (row is null)
            return null;
        var renditions = await db.Renditions.AsNoTracking().Where(r => r.AudioFileId == fileId).ToListAsync(cancellationToken);
        var formats =
            from preset in Preset.All
            join rendition in renditions on preset.Id equals rendition.PresetId
            select new LibraryFormat(preset.Id, preset.Label, preset.Note, preset.ContentType, rendition.Length, rendition.Duration);
        var item = (await ItemsOfAsync(db, [row], cancellationToken))[0];
        return new(item, row.Job.Detail, [.. formats]);
    }

    /// <summary>The bytes of one format of a file, or of the file as it was uploaded (<see cref="Media.Source"/>); null if there are none.</summary>
    public async Task<Media?> FindMediaAsync(string ownerId, Guid fileId, string format, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var mine = db.AudioFiles.Where(f => f.Id == fileId && f.OwnerId == ownerId);
        if (format == Media.Source)
            return await mine.Select(f => new Media(f.Id, f.StorageKey, f.Name, null)).FirstOrDefaultAsync(cancellationToken);
        if (Preset.Find(format) is not { } preset)
            return null;
        return await mine.SelectMany(f => f.Renditions.Where(r => r.PresetId == format), (f, r) => new Media(r.Id, r.StorageKey, f.Name, preset))
            .FirstOrDefaultAsync(cancellationToken);
    }

    private static IQueryable<Row> Rows(AppDbContext db, IQueryable<AudioFile> files)
    {
        var jobs = db.TranscodeJobs;
        return
            from file in files
            from job in jobs
            where job.AudioFileId == file.Id && !jobs.Any(later => later.AudioFileId == file.Id && later.CreatedAt > job.CreatedAt)
            select new Row
            {
                File = file,
                Job = job,
                // The order of JobOrder.
                Ahead = job.State != JobState.Queued ? null : jobs.Count(other => other.State == JobState.Queued && other.Turn <= job.Turn
                    && (other.Turn < job.Turn || other.CreatedAt < job.CreatedAt || (other.CreatedAt == job.CreatedAt && other.Id.CompareTo(job.Id) < 0))),
            };
    }

    private async Task<List<LibraryItem>> ItemsOfAsync(AppDbContext db, List<Row> rows, CancellationToken cancellationToken)
    {
        var engine = transcoder.Name;
        var usual = transcoder.IsRemote && rows.Exists(r => r.Job.State.IsUnderWay() && r.Job.Engine == engine)
            ? await UsualTime.LearnAsync(db, engine, cancellationToken)
            : null;
        var waiting = hold.Reason?.Words;
        return
        [
            .. rows.Select(r => ItemOf(r, r.Job.State.IsUnderWay() && r.Job.Engine == engine ? usual?.Of(r.File.Length) : null) with
            {
                Waiting = r.Job.State is JobState.Queued ? waiting ?? AsClause(r.Job.Reason) : null,
            }),
        ];
    }

    private LibraryItem ItemOf(Row row, TimeSpan? usual) => new(
        row.File.Id, row.File.Name, row.File.Length, row.File.Duration, row.File.UploadedAt, row.Job.Id, StateOf(row.Job), row.Ahead + 1, row.Job.Reason,
        usual is { } took && row.Job.StartedAt is { } startedAt ? ExpectationOf(startedAt, took) : null);

    private Expectation ExpectationOf(DateTimeOffset startedAt, TimeSpan usual)
    {
        var lateAt = startedAt + UsualTime.LateAfter(usual);
        return new(usual, lateAt, time.GetUtcNow() >= lateAt);
    }

    /// <summary>A sentence as it follows on “Waiting:”.</summary>
    private static string? AsClause(string? sentence) => sentence is { Length: > 1 } ? char.ToLowerInvariant(sentence[0]) + sentence[1..].TrimEnd('.') : null;

    private static FileState StateOf(TranscodeJob job) => job.State switch
    {
        JobState.Queued => FileState.Queued,
        JobState.Submitted or JobState.Running => FileState.Running,
        JobState.Succeeded => job.Reason is null ? FileState.Ready : FileState.ReadyWithWarning,
        JobState.Failed => FileState.Failed,
        _ => FileState.Cancelled,
    };

    private static string Escaped(string search) => search.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_");

    private sealed class Row
    {
        public required AudioFile File { get; init; }
        public required TranscodeJob Job { get; init; }
        public required int? Ahead { get; init; }
    }
}

/// <summary>Bytes in the media store and how they are handed out.</summary>
/// <param name="Id">Of what never changes under it; the entity tag.</param>
/// <param name="FileName">What the person called the upload.</param>
/// <param name="Preset">The format; null for the upload itself.</param>
internal sealed record Media(Guid Id, string StorageKey, string FileName, Preset? Preset)
{
    /// <summary>The name that stands for the upload itself where a format is asked for.</summary>
    public const string Source = "source";
}
