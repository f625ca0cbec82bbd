using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Messages;

/// <summary>Reads and changes messages, always as one owner, and raises the owner's version with each change.</summary>
internal sealed class MessageStore(IDbContextFactory<AppDbContext> databases, MessageFeed feed, TimeProvider time)
{
    /// <summary>
    /// Adds a message inside the caller's transaction. The caller rings <see cref="MessageFeed"/> with the result after its commit.
    /// </summary>
    /// <returns>The owner's new version.</returns>
    public static long Add(AppDbContext db, Message message)
    {
        message.Version = RaiseVersion(db, message.OwnerId);
        db.Insert(message);
        return message.Version;
    }

    /// <summary>Takes away what was said about a file, inside the caller's transaction; the caller rings afterwards.</summary>
    /// <returns>The owner's new version.</returns>
    public async Task<long> RemoveForFileAsync(AppDbContext db, string ownerId, Guid fileId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var version = RaiseVersion(db, ownerId);
        await db.Messages.Where(m => m.OwnerId == ownerId && m.FileId == fileId && m.RemovedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.RemovedAt, now).SetProperty(m => m.Version, version), cancellationToken);
        return version;
    }

    /// <summary>Marks one message read. Doing it again, or for somebody else's message, changes nothing.</summary>
    public Task MarkReadAsync(string ownerId, Guid messageId, CancellationToken cancellationToken) =>
        ChangeAsync(ownerId, db => db.Messages.Where(m => m.Id == messageId && m.ReadAt == null), read: true, cancellationToken);

    /// <summary>Marks everything read that the person has.</summary>
    public Task MarkAllReadAsync(string ownerId, CancellationToken cancellationToken) =>
        ChangeAsync(ownerId, db => db.Messages.Where(m => m.ReadAt == null), read: true, cancellationToken);

    /// <summary>Makes a read message unread again: closing is one click, and clicks go astray.</summary>
    public Task MarkUnreadAsync(string ownerId, Guid messageId, CancellationToken cancellationToken) =>
        ChangeAsync(ownerId, db => db.Messages.Where(m => m.Id == messageId && m.ReadAt != null), read: false, cancellationToken);

    /// <summary>The person's version and everything unread, oldest first.</summary>
    public async Task<MailboxChanges> UnreadAsync(string ownerId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // The version first: what commits in between is then read twice, never missed.
        var version = await VersionAsync(db, ownerId, cancellationToken);
        var unread = await db.Messages.AsNoTracking()
            .Where(m => m.OwnerId == ownerId && m.ReadAt == null && m.RemovedAt == null)
            .OrderBy(m => m.CreatedAt).ToListAsync(cancellationToken);
        return new(version, unread);
    }

    /// <summary>Every row that changed after <paramref name="since"/>, read, unread or removed, in the order of the changes.</summary>
    public async Task<MailboxChanges> ChangesAsync(string ownerId, long since, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var version = await VersionAsync(db, ownerId, cancellationToken);
        if (version <= since)
            return new(since, []);
        var changed = await db.Messages.AsNoTracking()
            .Where(m => m.OwnerId == ownerId && m.Version > since)
            .OrderBy(m => m.Version).ThenBy(m => m.CreatedAt).ToListAsync(cancellationToken);
        return new(version, changed);
    }

    /// <summary>One page of the person's messages, newest first.</summary>
    public async Task<List<Message>> PageAsync(string ownerId, int skip, int take, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Messages.AsNoTracking().Where(m => m.OwnerId == ownerId && m.RemovedAt == null)
            .OrderByDescending(m => m.CreatedAt).ThenByDescending(m => m.Id).Skip(skip).Take(take).ToListAsync(cancellationToken);
    }

    /// <summary>The versions of these people's mailboxes; one query for all of them.</summary>
    public async Task<Dictionary<string, long>> VersionsAsync(IReadOnlyCollection<string> userIds, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Mailboxes.Where(m => userIds.Contains(m.UserId)).ToDictionaryAsync(m => m.UserId, m => m.Version, cancellationToken);
    }

    /// <summary>
    /// Notes that one more tab has these on screen. For whoever asks why somebody was not told; it changes nothing that a person sees, so
    /// the version stays.
    /// </summary>
    public async Task RecordShownAsync(string ownerId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Messages.Where(m => m.OwnerId == ownerId && messageIds.Contains(m.Id))
            .ExecuteUpdateAsync(set => set
                .SetProperty(m => m.FirstShownAt, m => m.FirstShownAt ?? now)
                .SetProperty(m => m.ShownInTabs, m => m.ShownInTabs + 1), cancellationToken);
    }

    private async Task ChangeAsync(string ownerId, Func<AppDbContext, IQueryable<Message>> which, bool read, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        DateTimeOffset? readAt = read ? time.GetUtcNow() : null;
        var version = RaiseVersion(db, ownerId);
        var changed = await which(db).Where(m => m.OwnerId == ownerId && m.RemovedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.ReadAt, readAt).SetProperty(m => m.Version, version), cancellationToken);
        if (changed == 0)
            return; // nothing happened, so the version must not say that something did
        await transaction.CommitAsync(cancellationToken);
        feed.Ring(ownerId, version);
    }

    private static Task<long> VersionAsync(AppDbContext db, string ownerId, CancellationToken cancellationToken) =>
        db.Mailboxes.Where(m => m.UserId == ownerId).Select(m => m.Version).FirstOrDefaultAsync(cancellationToken);

    private static long RaiseVersion(AppDbContext db, string ownerId)
    {
        // Two statements are faster than one with RETURNING, for which SQLite keeps a table of its own.
        db.ExecutePrepared(
            $"""
            INSERT INTO "Mailboxes" ("UserId", "Version") VALUES ({ownerId}, 1) ON CONFLICT ("UserId") DO UPDATE SET "Version" = "Mailboxes"."Version" + 1
            """);
        return db.FirstPrepared($"""SELECT "Version" FROM "Mailboxes" WHERE "UserId" = {ownerId}""", row => row.GetInt64(0));
    }
}

/// <summary>What changed in a mailbox.</summary>
/// <param name="Version">Ask for what came after this next time.</param>
/// <param name="Messages">The rows as they are now.</param>
internal sealed record MailboxChanges(long Version, IReadOnlyList<Message> Messages);
