using System.Text.Json;

namespace BlazorTranscode.Transcoding.ElasticTranscoder;

/// <summary>
/// What Elastic Transcoder publishes when a job changes. Source: "Notifications of job status" in the Amazon Elastic Transcoder developer
/// guide.
/// </summary>
internal static class ElasticTranscoderNotification
{
    /// <summary>The <see cref="ITranscoder.Name"/> of this engine.</summary>
    public const string Engine = "elastictranscoder";

    /// <summary>The report in a notification, or null if it is none of this kind.</summary>
    public static EngineReport? Read(JsonElement root)
    {
        if (root.Text("pipelineId") is null || root.Text("jobId") is not { Length: > 0 and <= 100 } engineJobId || StateOf(root.Text("state")) is not { } state)
            return null;
        var (jobId, attempt) = root.Metadata("userMetadata");
        var report = new EngineReport(Engine, engineJobId, state) { JobId = jobId, Attempt = attempt };
        return state switch
        {
            JobState.Succeeded => Complete(report, root),
            JobState.Failed => Failed(report, root.Text("errorCode"), root.Text("messageDetails")),
            _ => report,
        };
    }

    /// <summary>A failure in plain words. The codes are in the developer guide's chapter on notifications.</summary>
    public static EngineReport Failed(EngineReport report, string? code, string? message)
    {
        if (code is "2000" or "3003" or "3004" or "3005" or "3006")
        {
            return report with
            {
                Reason = "The transcoder was not allowed to read or write the files.",
                Outage = $"Elastic Transcoder may not read or write the bucket (error {code}: {message}). Check the role of ElasticTranscoder:Pipeline and the policy of Storage:S3:Bucket.",
            };
        }

        var (reason, retryable) = code switch
        {
            "3001" => ("The uploaded file was not found by the transcoder.", true),
            "4000" or "4006" or "4007" or "4008" => ("The audio in the file is of a kind that cannot be read.", false),
            "4001" or "4002" or "4005" or "4022" => ("The file is too large for the transcoder.", false),
            "1001" or "3000" or "9000" or "9001" or "9999" => ("The transcoder had a problem of its own.", true),
            _ => ("The transcoder could not convert the file.", false),
        };
        return report with { Reason = reason, Retryable = retryable, Detail = $"Elastic Transcoder error {code}: {message}" };
    }

    private static EngineReport Complete(EngineReport report, JsonElement root)
    {
        var prefix = root.Text("outputKeyPrefix");
        List<EngineOutput> outputs = [];
        List<string> remarks = [];
        foreach (var output in root.Items("outputs"))
        {
            outputs.Add(new(prefix + output.Text("key"), EngineJson.Seconds(output.Number("duration"))));
            if (output.Text("status") == "Warning")
                remarks.Add($"Elastic Transcoder, {output.Text("key")}: {output.Text("statusDetail")}");
        }

        return report with
        {
            Outputs = outputs,
            Reason = remarks.Count == 0 ? null : "The transcoder noticed something odd in the source.",
            Detail = remarks.Count == 0 ? null : string.Join('\n', remarks),
        };
    }

    // A warning is no end: COMPLETED or ERROR follows and says on which output it lies, so its order cannot change the outcome.
    private static JobState? StateOf(string? state) => state switch
    {
        "PROGRESSING" or "WARNING" => JobState.Running,
        "COMPLETED" => JobState.Succeeded,
        "ERROR" => JobState.Failed,
        _ => null,
    };
}
