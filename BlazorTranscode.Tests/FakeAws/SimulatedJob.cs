using System.Text.Json.Nodes;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>One job of the simulated MediaConvert.</summary>
internal sealed class SimulatedJob(string id, int number, JsonObject order)
{
    public string Id => id;

    public int Number => number;

    /// <summary>The order as it came in.</summary>
    public JsonObject Order => order;

    public string Status { get; set; } = "SUBMITTED";

    public TimeSpan Length { get; set; }

    public int? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public string Source => (string)order["settings"]!["inputs"]![0]!["fileInput"]!;

    /// <summary>Each output: where it goes, as <c>s3://bucket/key.ext</c>, and what was asked of the codec.</summary>
    public IEnumerable<(string Path, JsonObject Audio)> Outputs =>
        from @group in order["settings"]!["outputGroups"]!.AsArray()
        let destination = (string)@group!["outputGroupSettings"]!["fileGroupSettings"]!["destination"]!
        from output in @group["outputs"]!.AsArray()
        select ($"{destination}{(string?)output!["nameModifier"]}.{(string)output["extension"]!}", (JsonObject)output["audioDescriptions"]![0]!["codecSettings"]!);

    /// <summary>As GetJob tells it: durations, but no paths.</summary>
    public JsonObject ToJson()
    {
        var job = new JsonObject { ["id"] = id, ["arn"] = Arn, ["status"] = Status, ["userMetadata"] = order["userMetadata"]!.DeepClone() };
        if (Status is "COMPLETE")
            job["outputGroupDetails"] = new JsonArray([.. Outputs.Select(_ => new JsonObject { ["outputDetails"] = new JsonArray(new JsonObject { ["durationInMs"] = Length.TotalMilliseconds }) })]);
        if (Status is "ERROR")
            (job["errorCode"], job["errorMessage"]) = (ErrorCode, ErrorMessage);
        return job;
    }

    /// <summary>As EventBridge tells it.</summary>
    public JsonObject ToEvent(DateTimeOffset now)
    {
        var detail = new JsonObject
        {
            ["timestamp"] = now.ToUnixTimeMilliseconds(), ["accountId"] = "000000000000", ["jobId"] = id, ["status"] = Status,
            ["userMetadata"] = order["userMetadata"]!.DeepClone(),
        };
        if (Status is "COMPLETE")
        {
            var files = Outputs.Select(o => new JsonObject
            {
                ["type"] = "FILE_GROUP",
                ["outputDetails"] = new JsonArray(new JsonObject { ["outputFilePaths"] = new JsonArray(o.Path), ["durationInMs"] = Length.TotalMilliseconds }),
            });
            detail["outputGroupDetails"] = new JsonArray([.. files]);
        }

        if (Status is "ERROR")
            (detail["errorCode"], detail["errorMessage"]) = (ErrorCode, ErrorMessage);
        return new()
        {
            ["version"] = "0", ["id"] = Guid.NewGuid().ToString(), ["detail-type"] = "MediaConvert Job State Change", ["source"] = "aws.mediaconvert",
            ["account"] = "000000000000", ["time"] = SnsMessage.At(now), ["region"] = "eu-central-1", ["resources"] = new JsonArray(Arn), ["detail"] = detail,
        };
    }

    private string Arn => $"arn:aws:mediaconvert:eu-central-1:000000000000:jobs/{id}";
}
