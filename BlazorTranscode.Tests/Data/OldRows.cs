using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Data;

/// <summary>A database as the first version of the program may have left it. The model of today has columns that it does not have.</summary>
internal static class OldRows
{
    public static readonly Guid Open = Guid.Parse("01900000-0000-7000-8000-000000000001");
    public static readonly Guid Cancelled = Guid.Parse("01900000-0000-7000-8000-000000000002");
    public static readonly Guid File = Guid.Parse("01900000-0000-7000-8000-000000000003");
    public static readonly Guid Upload = Guid.Parse("01900000-0000-7000-8000-000000000004");

    /// <summary>Brings the database to that version and fills it.</summary>
    public static async Task FillAsync(AppDbContext db, string version)
    {
        await db.Database.MigrateAsync(version, TestContext.Current.CancellationToken);
        await db.Database.ExecuteSqlRawAsync(
            """
            INSERT INTO "AudioFiles" ("Id", "OwnerId", "Name", "Length", "StorageKey", "UploadedAt") VALUES ({2}, 'anna', 'song.mp3', 1234, 'sources/a', 1);
            INSERT INTO "TranscodeJobs" ("Id", "AudioFileId", "OwnerId", "PresetIds", "State", "Attempt", "Failures", "CreatedAt", "NextCheckAt", "Checks")
              VALUES ({0}, {2}, 'anna', '["mp3"]', 0, 2, 1, 7, 621355968000000000, 0), ({1}, {2}, 'anna', '["mp3"]', 12, 1, 0, 7, 621355968000000000, 0);
            INSERT INTO "Renditions" ("Id", "AudioFileId", "PresetId", "StorageKey", "Length", "Duration", "CreatedAt") VALUES ({1}, {2}, 'mp3', 'outputs/a', 99, '00:00:01', 1);
            INSERT INTO "Uploads" ("Id", "OwnerId", "Name", "Length", "PresetIds", "Metadata", "StorageKey", "StorageHandle", "CreatedAt", "ExpiresAt")
              VALUES ({3}, 'anna', 'half.wav', 5000, '["flac"]', 'm', 'sources/b', 'handle', 1, 2);
            INSERT INTO "Messages" ("Id", "OwnerId", "Kind", "Text", "FileId", "JobId", "CreatedAt", "ShownInTabs", "Version") VALUES ({1}, 'anna', 0, 'hello', {2}, {1}, 1, 0, 1);
            INSERT INTO "Deliveries" ("TopicArn", "MessageId", "Type", "SignatureVersion", "SentAt", "ReceivedAt", "Outcome", "Body", "Repeats")
              VALUES ('t', 'm', 0, 2, 621355968000000000, 621355968000000000, 0, 'hello', 0);
            """,
            [Open, Cancelled, File, Upload], TestContext.Current.CancellationToken);
    }
}
