using System.Text.RegularExpressions;
using BlazorTranscode.Audio;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// What an engine elsewhere says of a job of its own, already in our words. It becomes a <see cref="JobReport"/> only against the row
/// that it speaks of: whose job it is and what was asked for are never taken from it.
/// </summary>
/// <param name="Engine">The <see cref="ITranscoder.Name"/> whose wire format it was.</param>
/// <param name="EngineJobId">The engine's id of the job.</param>
/// <param name="State">What the job has come to.</param>
internal sealed partial record EngineReport(string Engine, string EngineJobId, JobState State)
{
    /// <summary>The key under which our job's id travels in an engine's user metadata.</summary>
    public const string JobIdKey = "jobId";

    /// <summary>The key under which the attempt travels there.</summary>
    public const string AttemptKey = "attempt";

    /// <summary>Our id of the job, as the metadata has it; null if it has none.</summary>
    public Guid? JobId { get; init; }

    /// <summary>The attempt, as the metadata has it; null if it has none.</summary>
    public int? Attempt { get; init; }

    public IReadOnlyList<EngineOutput> Outputs { get; init; } = [];

    /// <summary>See <see cref="JobReport.Reason"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>See <see cref="JobReport.Detail"/>.</summary>
    public string? Detail { get; init; }

    /// <summary>See <see cref="JobReport.Retryable"/>.</summary>
    public bool Retryable { get; init; }

    /// <summary>See <see cref="JobReport.Outage"/>.</summary>
    public string? Outage { get; init; }

    /// <summary>
    /// The report for the job's row. An output counts only if it lies where this attempt was told to put it; if one that was asked for is
    /// missing, the job has failed, whatever the engine says.
    /// </summary>
    public JobReport For(TranscodeJob job, ReportSource source)
    {
        // An order that was placed by an attempt which a crash cut short is still this job's, once its id is in the row.
        var report = new JobReport(job.Id, EngineJobId == job.EngineJobId ? job.Attempt : Attempt ?? job.Attempt, State)
        {
            Source = source, EngineJobId = EngineJobId, Reason = Reason, Detail = ForOwner(Detail), Retryable = Retryable, Outage = Outage,
        };
        if (State != JobState.Succeeded)
            return report;

        var folder = TranscodeOrder.OutputFolder(job.Id, Attempt ?? job.Attempt);
        List<JobOutput> outputs = [];
        foreach (var preset in job.PresetIds.Select(id => Preset.Find(id) ?? throw new InvalidOperationException($"There is no preset '{id}'.")))
        {
            var made = Outputs.FirstOrDefault(o => o.Key.StartsWith(folder, StringComparison.Ordinal)
                && o.Key.EndsWith(preset.Extension, StringComparison.Ordinal) && o.Key.IndexOf('/', folder.Length) < 0 && o.Key.Length <= 200);
            if (made is null)
                return report with { State = JobState.Failed, Reason = $"The transcoder finished without making the {preset.Label} file." };
            outputs.Add(new(preset.Id, made.Key, made.Length, made.Duration));
        }

        return report with { Outputs = outputs, SourceDuration = outputs.Max(o => o.Duration) };
    }

    /// <summary>Engines name buckets, roles and accounts in their words, which are the operator's.</summary>
    private static string? ForOwner(string? detail) => detail is null ? null : Addresses().Replace(detail, "…");

    [GeneratedRegex(@"\b(arn:|s3://|https?://)[^\s""'<>\]\)]*|\b\d{12}\b", RegexOptions.IgnoreCase)]
    private static partial Regex Addresses();
}

/// <summary>One file that an engine says it has made.</summary>
/// <param name="Key">Its key in the bucket.</param>
/// <param name="Duration">How long it plays; zero if the engine does not say.</param>
internal sealed record EngineOutput(string Key, TimeSpan Duration)
{
    /// <summary>Bytes; null until somebody has looked.</summary>
    public long? Length { get; init; }
}
