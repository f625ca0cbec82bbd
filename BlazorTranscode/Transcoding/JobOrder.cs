using System.Text.Json;
using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// In which order jobs are worked on: by turn, then by age. People take turns and not files, as in start-time fair queueing: each job of a
/// person stands one turn behind their last, and a newcomer starts at the turn that is being served.
/// </summary>
internal static class JobOrder
{
    /// <summary>A ticket may come a little before the moment that it was made for.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(50);

    /// <summary>The turn of a new job of this person, inside the caller's transaction.</summary>
    /// <remarks>
    /// The turn that is being served is the highest one that was begun, but not lower than the lowest one that waits: the rows of what was
    /// begun may have been deleted. A job that was cancelled before it began costs its owner no turn.
    /// </remarks>
    public static async Task<long> NextTurnAsync(AppDbContext db, string ownerId, CancellationToken cancellationToken)
    {
        var turns = await db.Database.SqlQuery<long>(
            $"""
            SELECT MAX(
                COALESCE((SELECT "Turn" + 1 FROM "TranscodeJobs"
                    WHERE "OwnerId" = {ownerId} AND ("State" <> {(int)JobState.Cancelled} OR "StartedAt" IS NOT NULL) ORDER BY "Turn" DESC LIMIT 1), 0),
                COALESCE((SELECT "Turn" FROM "TranscodeJobs" WHERE "State" = {(int)JobState.Queued} ORDER BY "Turn" LIMIT 1), 0),
                COALESCE((SELECT "Turn" FROM "TranscodeJobs" WHERE "State" = {(int)JobState.Submitted} ORDER BY "Turn" DESC LIMIT 1), 0),
                COALESCE((SELECT "Turn" FROM "TranscodeJobs" WHERE "State" = {(int)JobState.Running} ORDER BY "Turn" DESC LIMIT 1), 0),
                COALESCE((SELECT "Turn" FROM "TranscodeJobs" WHERE "State" = {(int)JobState.Succeeded} ORDER BY "Turn" DESC LIMIT 1), 0),
                COALESCE((SELECT "Turn" FROM "TranscodeJobs" WHERE "State" = {(int)JobState.Failed} ORDER BY "Turn" DESC LIMIT 1), 0)) AS "Value"
            """).ToListAsync(cancellationToken);
        return turns[0];
    }

    /// <summary>Gives turns to jobs that wait since a version that knew none: there all have the first one. Changes nothing later.</summary>
    public static Task SpreadAsync(AppDbContext db, CancellationToken cancellationToken) => db.Database.ExecuteSqlAsync(
        $"""
        UPDATE "TranscodeJobs" SET "Turn" = "Place" FROM (
            SELECT "Id" AS "JobId", ROW_NUMBER() OVER (PARTITION BY "OwnerId" ORDER BY "CreatedAt", "Id") - 1 AS "Place"
            FROM "TranscodeJobs" WHERE "State" = {(int)JobState.Queued} AND "Turn" = 0)
        WHERE "Id" = "JobId" AND "Place" > 0
        """,
        cancellationToken);

    /// <summary>Takes the next job that is due, inside the caller's transaction. A new attempt at it has then begun.</summary>
    /// <param name="transcoder">The engine that it is taken for.</param>
    /// <param name="longestDelay">See <see cref="WhereDue"/>.</param>
    /// <returns>Its row as it is now, as far as an attempt needs it; null if none is due.</returns>
    public static TranscodeJob? TakeNext(AppDbContext db, ITranscoder transcoder, DateTimeOffset now, TimeSpan longestDelay)
    {
        var taken = transcoder.IsRemote ? JobState.Submitted : JobState.Running;
        return db.FirstPrepared(
            $"""
            UPDATE "TranscodeJobs" SET "State" = {(int)taken}, "Attempt" = "Attempt" + 1, "Engine" = {transcoder.Name}, "StartedAt" = {now}, "NotBefore" = NULL,
                "Reason" = NULL
            WHERE "Id" = (
                SELECT "Id" FROM "TranscodeJobs"
                WHERE "State" = 0 AND "EngineJobId" IS NULL
                    AND ("NotBefore" IS NULL OR "NotBefore" <= {now + Early} OR "NotBefore" > {now + longestDelay})
                ORDER BY "Turn", "CreatedAt", "Id" LIMIT 1)
            RETURNING "Id", "AudioFileId", "OwnerId", "PresetIds", "Attempt", "CreatedAt"
            """,
            row => new TranscodeJob
            {
                Id = row.GetGuid(0), AudioFileId = row.GetGuid(1), OwnerId = row.GetString(2),
                PresetIds = JsonSerializer.Deserialize<List<string>>(row.GetString(3))!, State = taken, Attempt = row.GetInt32(4),
                Engine = transcoder.Name, StartedAt = now, CreatedAt = new(row.GetInt64(5), TimeSpan.Zero),
            });
    }

    /// <summary>The jobs that may be begun now.</summary>
    /// <param name="longestDelay">No job waits longer of its own. A moment later than that comes from a clock that was set back, and counts as past.</param>
    public static IQueryable<TranscodeJob> WhereDue(this IQueryable<TranscodeJob> jobs, DateTimeOffset now, TimeSpan longestDelay)
    {
        var (soon, never) = (now + Early, now + longestDelay);
        return jobs.Where(j => j.State == JobState.Queued && j.EngineJobId == null
            && (j.NotBefore == null || j.NotBefore <= soon || j.NotBefore > never));
    }
}
