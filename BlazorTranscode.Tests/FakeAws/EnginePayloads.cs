using System.Text.Json;
using BlazorTranscode.Transcoding;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>What the two AWS transcoders publish about a job, in their own words.</summary>
internal static class EnginePayloads
{
    /// <summary>Elastic Transcoder: <c>PROGRESSING</c>, <c>WARNING</c>, <c>COMPLETED</c> or <c>ERROR</c>.</summary>
    public static string ElasticTranscoder(TranscodeJob job, string state, int? errorCode = null, string outputStatus = "Complete") => JsonSerializer.Serialize(new
    {
        state,
        version = "2012-09-25",
        jobId = job.EngineJobId,
        pipelineId = "1390575655454-1rom96",
        input = new { key = $"sources/{job.AudioFileId:N}", frameRate = "auto", container = "auto" },
        outputKeyPrefix = $"renditions/{job.Id:N}/{job.Attempt}/",
        errorCode,
        messageDetails = errorCode is null ? null : $"{errorCode} {Guid.NewGuid()}: something about the input.",
        outputs = job.PresetIds.Select((preset, i) => new
        {
            id = $"{i + 1}", presetId = "1351620000001-300110", key = $"audio.{preset}", status = state == "COMPLETED" ? outputStatus : "Progressing",
            duration = state == "COMPLETED" ? 30 : (int?)null, statusDetail = outputStatus == "Warning" ? "Odd." : null,
        }),
        userMetadata = new { jobId = job.Id.ToString(), attempt = $"{job.Attempt}" },
    });

    /// <summary>MediaConvert through EventBridge, with the status that is given.</summary>
    public static string MediaConvert(TranscodeJob job, string status, int? errorCode = null, int warnings = 0) => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["version"] = "0",
        ["id"] = Guid.NewGuid().ToString(),
        ["detail-type"] = "MediaConvert Job State Change",
        ["source"] = "aws.mediaconvert",
        ["account"] = "000000000000",
        ["time"] = "2026-01-01T00:00:00Z",
        ["region"] = "eu-central-1",
        ["resources"] = new[] { $"arn:aws:mediaconvert:eu-central-1:000000000000:jobs/{job.EngineJobId}" },
        ["detail"] = new Dictionary<string, object?>
        {
            ["timestamp"] = 1767225600000,
            ["accountId"] = "000000000000",
            ["queue"] = "arn:aws:mediaconvert:eu-central-1:000000000000:queues/Default",
            ["jobId"] = job.EngineJobId,
            ["status"] = status,
            ["userMetadata"] = new { jobId = job.Id.ToString(), attempt = $"{job.Attempt}" },
            ["errorCode"] = errorCode,
            ["errorMessage"] = errorCode is null ? null : "something about the input",
            ["warnings"] = warnings > 0 ? new[] { new { code = 230001, count = warnings } } : null,
            ["outputGroupDetails"] = status != "COMPLETE" ? null : new[]
            {
                new
                {
                    type = "FILE_GROUP",
                    outputDetails = job.PresetIds.Select(preset => new
                    {
                        outputFilePaths = new[] { $"s3://media/renditions/{job.Id:N}/{job.Attempt}/audio.{preset}" }, durationInMs = 30_000,
                    }),
                },
            },
        },
    });
}
