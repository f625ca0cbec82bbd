using System.Security.Cryptography;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Flow.Ledger;

/// <summary>Holds what was acknowledged against the rows and the bytes that are there.</summary>
internal sealed class LedgerAudit(AppProcess app, Ledger ledger)
{
    private readonly List<string> _problems = [];
    private int _unknown, _failed;

    public async Task<(IReadOnlyList<string> Problems, string Summary)> FindAsync(CancellationToken cancellationToken)
    {
        await using var db = app.CreateDbContext();
        var files = await db.AudioFiles.Include(file => file.Renditions).AsNoTracking().ToListAsync(cancellationToken);
        var jobs = await db.TranscodeJobs.AsNoTracking().ToListAsync(cancellationToken);
        var messages = await db.Messages.AsNoTracking().ToListAsync(cancellationToken);
        Lost(files, jobs, messages);
        Doubled(files, messages);
        await StuckAsync(db, jobs, cancellationToken);
        await UnknownAsync(db, files, cancellationToken);
        var whole = await db.Database.SqlQuery<string>($"SELECT integrity_check AS Value FROM pragma_integrity_check").ToListAsync(cancellationToken);
        Note(whole is not ["ok"], $"damaged: {string.Join(' ', whole)}");
        return (_problems, $"{_unknown} objects known to no row, {_failed} jobs interrupted too often.");
    }

    private void Lost(List<AudioFile> files, List<TranscodeJob> jobs, List<Message> messages)
    {
        foreach (var (id, upload) in ledger.Uploads)
        {
            if (ledger.Deleted.ContainsKey(id))
                continue;
            var source = PathOf($"sources/{id:N}");
            Note(!File.Exists(source), $"lost: the bytes of upload {id}");
            if (File.Exists(source))
                Note(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(source))) != upload.Digest, $"mixed up: the bytes of upload {id}");
            var file = files.Find(f => f.Id == id);
            Note(file is null && !ledger.IsForgotten(upload.Number), $"lost: the row of upload {id}");
            Note(file is not null && file.OwnerId != upload.OwnerId, $"mixed up: the owner of upload {id}");
        }

        foreach (var file in files)
        {
            var job = jobs.Where(j => j.AudioFileId == file.Id).MaxBy(j => j.CreatedAt);
            if (job?.State is JobState.Failed && job.Interruptions > 0)
                _failed++;
            else
                Note(job?.State is not JobState.Succeeded && !ledger.Deleted.ContainsKey(file.Id), $"stuck: file {file.Id} is {job?.State}, {job?.Reason} {job?.Detail}");
            foreach (var rendition in file.Renditions.Where(_ => !ledger.Deleted.ContainsKey(file.Id)))
                Note(new FileInfo(PathOf(rendition.StorageKey)) is not { Exists: true, Length: > 0 }, $"lost: {rendition.StorageKey}");
            Note(!messages.Exists(m => m.FileId == file.Id) && !ledger.Deleted.ContainsKey(file.Id), $"lost: the news about file {file.Id}");
        }

        foreach (var (id, number) in ledger.Closed)
            Note(!ledger.IsForgotten(number) && messages.Find(m => m.Id == id) is { ReadAt: null }, $"lost: the closing of message {id}");
        foreach (var (id, number) in ledger.Deleted)
            Note(!ledger.IsForgotten(number) && (files.Exists(f => f.Id == id) || File.Exists(PathOf($"sources/{id:N}"))), $"lost: the deletion of file {id}");
    }

    private void Doubled(List<AudioFile> files, List<Message> messages)
    {
        foreach (var job in messages.CountBy(m => m.JobId).Where(pair => pair.Value > 1))
            _problems.Add($"doubled: {job.Value} messages of job {job.Key}");
        foreach (var file in files)
            Note(file.Renditions.CountBy(r => r.PresetId).Any(pair => pair.Value > 1), $"doubled: a format of file {file.Id}");
    }

    private async Task StuckAsync(AppDbContext db, List<TranscodeJob> jobs, CancellationToken cancellationToken)
    {
        foreach (var job in jobs.Where(job => !job.State.IsTerminal()))
            _problems.Add($"stuck: job {job.Id} is {job.State}");
        foreach (var upload in await db.Uploads.Where(u => u.CompletedAt == null).ToListAsync(cancellationToken))
            Note(File.Exists(PathOf(upload.StorageKey)), $"stuck: upload {upload.Id} has arrived and is no file");
        foreach (var row in await db.PendingDeletions.Where(d => d.Reason == DeletionReason.FileDeleted).ToListAsync(cancellationToken))
            Note(row.DueAt < DateTimeOffset.UtcNow.AddMinutes(-5), $"stuck: {row.StorageKey} should have been deleted at {row.DueAt:u}");
        var work = Directory.EnumerateFiles(app.DataFolder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(Path.GetDirectoryName(file)) == "out").ToList();
        Note(work.Count > 0, $"stuck: {string.Join(' ', work)}");
    }

    /// <summary>Bytes that no row knows are only those of which an older database was restored.</summary>
    private async Task UnknownAsync(AppDbContext db, List<AudioFile> files, CancellationToken cancellationToken)
    {
        HashSet<string> known =
        [
            .. files.Select(f => f.StorageKey), .. files.SelectMany(f => f.Renditions).Select(r => r.StorageKey),
            .. await db.Uploads.Select(u => u.StorageKey).ToListAsync(cancellationToken),
            .. await db.PendingDeletions.Select(d => d.StorageKey).ToListAsync(cancellationToken),
        ];
        var root = PathOf("");
        foreach (var key in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file)))
        {
            if (known.Contains(key))
                continue;
            _unknown++;
            Note(ledger.Forgotten.Count == 0, $"unknown: {key}");
        }
    }

    private string PathOf(string key) => Path.Combine(app.DataFolder, "media", "objects", key);

    private void Note(bool isProblem, string what)
    {
        if (isProblem)
            _problems.Add(what);
    }
}
