using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Transcoding;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>Rows as the app would have written them.</summary>
internal static class SampleRows
{
    public static async Task<TranscodeJob> AddJobAsync(
        this AppDbContext db, string ownerId, JobState state = JobState.Running, int attempt = 1, string name = "song.mp3", params string[] presets)
    {
        var now = DateTimeOffset.UtcNow;
        var file = new AudioFile
        {
            Id = Guid.CreateVersion7(), OwnerId = ownerId, Name = name, Length = 1234, StorageKey = $"sources/{Guid.NewGuid():N}", UploadedAt = now,
        };
        var job = new TranscodeJob
        {
            Id = Guid.CreateVersion7(), AudioFileId = file.Id, OwnerId = ownerId, PresetIds = presets.Length > 0 ? [.. presets] : ["mp3"],
            State = state, Attempt = attempt, CreatedAt = now,
        };
        db.AddRange(file, job);
        await db.SaveChangesAsync();
        return job;
    }

    public static Message NewMessage(string ownerId, string text = "“song.mp3” is ready.", Guid? fileId = null) => new()
    {
        Id = Guid.CreateVersion7(), OwnerId = ownerId, Kind = MessageKind.Ready, Text = text, FileId = fileId ?? Guid.NewGuid(),
        JobId = Guid.NewGuid(), CreatedAt = DateTimeOffset.UtcNow,
    };

    /// <summary>Writes a message as the path from a report does: in a transaction, then the ring.</summary>
    public static async Task<Message> SendAsync(this AppDbContext db, MessageFeed feed, Message message)
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        var version = MessageStore.Add(db, message);
        await transaction.CommitAsync();
        feed.Ring(message.OwnerId, version);
        return message;
    }
}
