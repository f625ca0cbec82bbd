using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// Sets bytes aside for the outputs of an attempt, in what the owner of the job may have. They count as long as the job is running, so
/// that the statement that ends the attempt gives them back.
/// </summary>
internal sealed class JobRoom(IDbContextFactory<AppDbContext> databases, PersonalRoom people)
{
    /// <summary>Sets aside so many bytes, instead of what the attempt had set aside before.</summary>
    /// <returns>Null if that was possible; what the owner uses besides if it leaves too little.</returns>
    public async Task<PersonalUse?> ReserveAsync(TranscodeOrder order, long bytes, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var attempt = db.TranscodeJobs.Where(j => j.Id == order.JobId && j.Attempt == order.Attempt && j.State == JobState.Running);
        if (await attempt.Select(j => new { j.OwnerId, j.ReservedBytes }).FirstOrDefaultAsync(cancellationToken) is not { } job)
            return null; // Cancelled or overtaken: what the engine makes will be thrown away.
        var use = await people.OfAsync(db, job.OwnerId, cancellationToken);
        var others = use with { Used = use.Used - job.ReservedBytes };
        if (!others.HasRoomFor(bytes))
            return others;
        await attempt.ExecuteUpdateAsync(set => set.SetProperty(j => j.ReservedBytes, bytes), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }
}
