using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// How long an engine usually takes, learned from what it has finished for us: for engines that tell no percentage. A file is compared
/// only with files of a similar size, because the size is all that is known of it before it is done.
/// </summary>
internal sealed class UsualTime
{
    private const int Sample = 50;
    private const int Fewest = 3;
    private const int Similar = 4;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMinutes(1);

    private readonly List<(long Length, TimeSpan Took)> _finished;

    private UsualTime(List<(long Length, TimeSpan Took)> finished) => _finished = finished;

    /// <summary>Learns from the last jobs that succeeded, as far as this engine did them.</summary>
    public static async Task<UsualTime> LearnAsync(AppDbContext db, string engine, CancellationToken cancellationToken)
    {
        var files = db.AudioFiles;
        // Limited before the engine is asked for: the index knows states, and who has just changed the engine has many jobs of another.
        var last = db.TranscodeJobs.Where(j => j.State == JobState.Succeeded).OrderByDescending(j => j.CreatedAt).Take(Sample);
        var rows = await (
            from job in last
            join file in files on job.AudioFileId equals file.Id
            where job.Engine == engine && job.StartedAt != null && job.FinishedAt != null
            select new { file.Length, Started = job.StartedAt!.Value, Finished = job.FinishedAt!.Value }).ToListAsync(cancellationToken);
        return new([.. rows.Select(r => (r.Length, r.Finished - r.Started))]);
    }

    /// <summary>The median from submission to the end for files of about this size; null while there are too few of them.</summary>
    /// <param name="length">Size of the source in bytes.</param>
    public TimeSpan? Of(long length)
    {
        var took = _finished.Where(f => f.Length <= length * Similar && length <= f.Length * Similar).Select(f => f.Took).Order().ToList();
        return took.Count < Fewest ? null : took[took.Count / 2];
    }

    /// <summary>How long a job may take before it is clearly later than usual.</summary>
    public static TimeSpan LateAfter(TimeSpan usual) => usual * 2 > ShortestWait ? usual * 2 : ShortestWait;
}
