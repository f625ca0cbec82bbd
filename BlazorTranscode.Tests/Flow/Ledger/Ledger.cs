using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace BlazorTranscode.Tests.Flow.Ledger;

/// <summary>What the app has acknowledged to people, written down outside of it, so that it can be held against what is there in the end.</summary>
internal sealed class Ledger
{
    private int _events;

    /// <summary>Uploads whose last byte was acknowledged, by id.</summary>
    public ConcurrentDictionary<Guid, LedgerUpload> Uploads { get; } = new();

    /// <summary>Messages whose alert went away after it was closed, by id.</summary>
    public ConcurrentDictionary<Guid, int> Closed { get; } = new();

    /// <summary>Files that went from the list after they were deleted, by id.</summary>
    public ConcurrentDictionary<Guid, int> Deleted { get; } = new();

    /// <summary>The number of the last event. What was acknowledged later than a copy of the database is not in the copy.</summary>
    public int Now => Volatile.Read(ref _events);

    /// <summary>
    /// Events from the copy that was restored last to the moment of its restore. What happened in between is not known to the database; its audio
    /// must still be there.
    /// </summary>
    public List<(int From, int To)> Forgotten { get; } = [];

    public void Arrived(Guid id, string ownerId, byte[] bytes) =>
        Uploads.TryAdd(id, new(ownerId, Convert.ToHexString(SHA256.HashData(bytes)), Interlocked.Increment(ref _events)));

    public void Close(Guid messageId) => Closed.TryAdd(messageId, Interlocked.Increment(ref _events));

    public void Delete(Guid fileId) => Deleted.TryAdd(fileId, Interlocked.Increment(ref _events));

    /// <summary>Whether the database may know nothing of an event, because an older copy was put back after it.</summary>
    public bool IsForgotten(int number) => Forgotten.Exists(gap => gap.From < number && number <= gap.To);
}

/// <param name="OwnerId">Who sent it.</param>
/// <param name="Digest">SHA-256 of what was sent.</param>
/// <param name="Number">When it was acknowledged.</param>
internal sealed record LedgerUpload(string OwnerId, string Digest, int Number);
