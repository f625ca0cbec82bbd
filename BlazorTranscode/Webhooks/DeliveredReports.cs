using System.Text.Json;
using BlazorTranscode.Data;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.ElasticTranscoder;
using BlazorTranscode.Transcoding.MediaConvert;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// Takes what an engine published from its delivery to the one path that every report goes. A report is found by our job id, which the
/// engine carried for us, and believed only if the engine's id is the one that we stored when we placed the order.
/// </summary>
internal sealed class DeliveredReports(JobReports reports)
{
    /// <summary>Notes on a delivery what is to become of it.</summary>
    /// <param name="report">What <see cref="Read"/> made of its body.</param>
    /// <param name="job">The row of the job that the report names; null if there is none.</param>
    public static void Match(Delivery delivery, EngineReport? report, TranscodeJob? job)
    {
        (delivery.JobId, delivery.EngineJobId) = (report?.JobId, report?.EngineJobId);
        delivery.Outcome = (report, job) switch
        {
            (null, _) => DeliveryOutcome.NotUnderstood,
            ({ JobId: null }, _) => DeliveryOutcome.OtherJob,
            (_, null) => DeliveryOutcome.Waiting,
            var (_, j) when j.State.IsTerminal() => DeliveryOutcome.NothingNew,
            var (r, j) when j.Engine == r.Engine && j.EngineJobId == r.EngineJobId => DeliveryOutcome.Applied,
            var (r, j) when r.Attempt < j.Attempt => DeliveryOutcome.NothingNew,
            var (r, j) when j.EngineJobId is null || r.Attempt > j.Attempt => DeliveryOutcome.Waiting,
            _ => DeliveryOutcome.OtherJob,
        };
    }

    /// <summary>Applies a delivery that matches its job inside the caller's transaction; one that says nothing new gets that outcome.</summary>
    /// <returns>What the caller rings after its commit; null if nothing changed.</returns>
    public async Task<AppliedReport?> ApplyAsync(AppDbContext db, Delivery delivery, EngineReport report, TranscodeJob job, CancellationToken cancellationToken)
    {
        var applied = await reports.ApplyAsync(db, job, report.For(job, delivery.Source), cancellationToken);
        if (applied is null)
            delivery.Outcome = DeliveryOutcome.NothingNew;
        return applied;
    }

    /// <summary>The report in a published text, or null if it is in no format that we know.</summary>
    public static EngineReport? Read(string message)
    {
        try
        {
            using var document = JsonDocument.Parse(message, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            return MediaConvertEvent.Read(document.RootElement) ?? ElasticTranscoderNotification.Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: half a surrogate pair
        {
            return null;
        }
    }
}
