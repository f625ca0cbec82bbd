using System.Text.Json;

namespace BlazorTranscode.Transcoding.MediaConvert;

/// <summary>
/// "MediaConvert Job State Change" as EventBridge sends it. Source: the EventBridge chapter of the AWS Elemental MediaConvert user guide.
/// </summary>
internal static class MediaConvertEvent
{
    /// <summary>The <see cref="ITranscoder.Name"/> of this engine.</summary>
    public const string Engine = "mediaconvert";

    /// <summary>What its owner is told when it ended with warnings.</summary>
    public const string Odd = "The transcoder noticed something odd in the source.";

    /// <summary>What its owner is told when somebody else stopped it.</summary>
    public const string Stopped = "The conversion was stopped at the transcoder.";

    /// <summary>The report in an event, or null if it is none of this kind, or its status says nothing of the job's state.</summary>
    public static EngineReport? Read(JsonElement root)
    {
        if (root.Text("source") != "aws.mediaconvert" || root.Text("detail-type") != "MediaConvert Job State Change"
            || root.Member("detail") is not { } detail || detail.Text("jobId") is not { Length: > 0 and <= 100 } engineJobId
            || StateOf(detail.Text("status")) is not { } state)
        {
            return null;
        }

        var (jobId, attempt) = detail.Metadata("userMetadata");
        var report = new EngineReport(Engine, engineJobId, state) { JobId = jobId, Attempt = attempt };
        return detail.Text("status") switch
        {
            "COMPLETE" => report with
            {
                Outputs = [.. OutputsOf(detail)],
                Reason = detail.Items("warnings").Any() ? Odd : null,
                Detail = detail.Member("warnings") is { } warnings ? $"MediaConvert warnings: {warnings.GetRawText()}" : null,
            },
            "ERROR" => Failed(report, detail.Text("errorCode"), detail.Text("errorMessage")),
            "CANCELED" => report with { Reason = Stopped },
            _ => report,
        };
    }

    /// <summary>A failure in plain words. The codes are in "AWS Elemental MediaConvert error codes" of its user guide.</summary>
    public static EngineReport Failed(EngineReport report, string? code, string? message)
    {
        if (code is "1401" or "1432" or "1433" or "1434" or "1515")
        {
            return report with
            {
                Reason = "The transcoder was not allowed to read or write the files.",
                Outage = $"MediaConvert may not read or write the bucket (error {code}: {message}). Check the role in MediaConvert:Role and the policy of Storage:S3:Bucket.",
            };
        }

        var (reason, retryable) = code switch
        {
            "1021" => ("There is no audio in the file.", false),
            "1030" or "1092" => ("The audio in the file is of a kind that cannot be read.", false),
            "1010" or "1075" or "1076" => ("The file is damaged, or not the kind of file its name says.", false),
            "1056" or "1404" => ("The uploaded file was not found by the transcoder.", true),
            "1050" or "1507" or "1999" => ("The transcoder had a problem of its own.", true),
            _ => ("The transcoder could not convert the file.", false),
        };
        return report with { Reason = reason, Retryable = retryable, Detail = $"MediaConvert error {code}: {message}" };
    }

    private static JobState? StateOf(string? status) => status switch
    {
        "QUEUE_HOP" => JobState.Submitted,
        "PROGRESSING" or "STATUS_UPDATE" or "INPUT_INFORMATION" or "NEW_WARNING" => JobState.Running,
        "COMPLETE" => JobState.Succeeded,
        // Its owner's own stop is final in the row already; if we hear of one that is not, somebody else stopped it.
        "ERROR" or "CANCELED" => JobState.Failed,
        _ => null,
    };

    private static IEnumerable<EngineOutput> OutputsOf(JsonElement detail) =>
        from @group in detail.Items("outputGroupDetails")
        from output in @group.Items("outputDetails")
        from path in output.Items("outputFilePaths")
        where path.ValueKind == JsonValueKind.String
        select new EngineOutput(KeyOf(path.GetString()!), EngineJson.Seconds(output.Number("durationInMs") / 1000));

    /// <summary>The key in <c>s3://bucket/key</c>; the bucket is our configuration's business.</summary>
    private static string KeyOf(string path) =>
        path.StartsWith("s3://", StringComparison.Ordinal) && path.IndexOf('/', 5) is > 0 and var slash ? path[(slash + 1)..] : "";
}
