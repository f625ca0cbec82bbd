using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>
/// Amazon Elastic Transcoder as it was, from its developer guide: one pipeline, the audio presets of the system in pages, jobs without any
/// protection against being ordered twice.
/// </summary>
internal sealed class SimulatedElasticTranscoder
{
    private const string PipelineId = "1111111111111-abcde1";

    private static readonly (string Id, string Name, string[] Options)[] Presets =
    [
        ("1351620000001-100110", "Audio AAC - 256k", ["-c:a", "aac", "-b:a", "256k"]),
        ("1351620000001-100120", "Audio AAC - 160k", ["-c:a", "aac", "-b:a", "160k"]),
        ("1351620000001-300010", "Audio MP3 - 320k", ["-c:a", "libmp3lame", "-b:a", "320k"]),
        ("1351620000001-300020", "Audio MP3 - 192k", ["-c:a", "libmp3lame", "-b:a", "192k"]),
        ("1351620000001-300110", "FLAC - CD", ["-c:a", "flac", "-ar", "44100"]),
        ("1351620000001-300300", "Audio WAV 44100 Hz, 16 bit", ["-c:a", "pcm_s16le", "-ar", "44100"]),
    ];

    private readonly AwsSimulator _aws;
    private int _number;

    public SimulatedElasticTranscoder(AwsSimulator aws, WebApplication app)
    {
        _aws = aws;
        var api = app.MapGroup("/2012-09-25");
        api.MapPost("/jobs", context => SignedAsync(context, CreateAsync));
        api.MapGet("/jobs/{id}", context => SignedAsync(context, c => Find(c) is { } job ? AnswerAsync(c, 200, new() { ["Job"] = Shown(job) }) : RefuseAsync(c, 404, "ResourceNotFoundException")));
        api.MapDelete("/jobs/{id}", context => SignedAsync(context, CancelAsync));
        api.MapGet("/jobsByPipeline/{id}", context => SignedAsync(context, c => AnswerAsync(c, 200, new() { [nameof(Jobs)] = new JsonArray([.. Newest.Select(Shown)]) })));
        api.MapGet("/pipelines", context => SignedAsync(context, c => AnswerAsync(c, 200, new() { ["Pipelines"] = new JsonArray(Pipeline), ["NextPageToken"] = null })));
        api.MapGet("/presets", context => SignedAsync(context, PresetsAsync));
    }

    /// <summary>Every job by its id, as ReadJob tells it.</summary>
    public ConcurrentDictionary<string, JsonObject> Jobs { get; } = new();

    /// <summary>The bucket that the pipeline reads and writes.</summary>
    public string Bucket { get; set; } = "media";

    /// <summary>Where its notifications go.</summary>
    public SimulatedTopic? Topic { get; set; }

    /// <summary>Does each job when it is taken; null leaves them to the test.</summary>
    public FfmpegWork? Work { get; set; }

    /// <summary>What is answered instead, if not null: a status and the kind of error. Called for each request.</summary>
    public Func<HttpRequest, (int Status, string Code)?> Fault { get; set; } = _ => null;

    /// <summary>Whether the next order is taken, but the connection is cut before the answer.</summary>
    public bool LoseNextAnswer { get; set; }

    private IEnumerable<JsonObject> Newest => Jobs.OrderByDescending(j => j.Key, StringComparer.Ordinal).Select(j => j.Value);

    private JsonObject Pipeline => new() { ["Id"] = PipelineId, ["Name"] = "audio", ["InputBucket"] = Bucket, ["OutputBucket"] = Bucket };

    /// <summary>Ends a job, and publishes that it has.</summary>
    public Task CompleteAsync(JsonObject job, int seconds)
    {
        job["Status"] = "Complete";
        foreach (var output in job["Outputs"]!.AsArray())
            (output!["Status"], output["Duration"]) = ("Complete", seconds);
        return PublishAsync(job, "COMPLETED");
    }

    public Task FailAsync(JsonObject job, string detail)
    {
        job["Status"] = "Error";
        (job["Outputs"]![0]!["Status"], job["Outputs"]![0]!["StatusDetail"]) = ("Error", detail);
        return PublishAsync(job, "ERROR", detail);
    }

    private async Task SignedAsync(HttpContext context, RequestDelegate handler)
    {
        if (Fault(context.Request) is var (status, code))
            await RefuseAsync(context, status, code);
        else if (await _aws.Signatures.MistakeAsync(context.Request, "elastictranscoder") is { } mistake)
            await RefuseAsync(context, 403, mistake);
        else
            await handler(context);
    }

    private async Task CreateAsync(HttpContext context)
    {
        var job = (JsonObject)(await JsonNode.ParseAsync(context.Request.Body))!;
        if ((string?)job["PipelineId"] != PipelineId || job["Inputs"] is not JsonArray { Count: 1 } || job["Outputs"] is not JsonArray { Count: > 0 } outputs
            || outputs.Any(o => Presets.All(p => p.Id != (string?)o!["PresetId"])) || job["UserMetadata"] is not JsonObject { Count: <= 10 })
        {
            await RefuseAsync(context, 400, "ValidationException");
            return;
        }

        (job["Id"], job["Status"]) = ($"{_aws.Time.GetUtcNow().ToUnixTimeMilliseconds()}-{Interlocked.Increment(ref _number):x6}", "Submitted");
        Jobs[(string)job["Id"]!] = job;
        if (Work is { } work)
            _ = DoAsync(job, work);
        if (LoseNextAnswer)
        {
            LoseNextAnswer = false;
            context.Abort();
            return;
        }

        await AnswerAsync(context, 201, new() { ["Job"] = Shown(job) });
    }

    private async Task DoAsync(JsonObject job, FfmpegWork work)
    {
        await PublishAsync(job, "PROGRESSING");
        var outputs = job["Outputs"]!.AsArray().Select(o => (
            $"s3://{Bucket}/{(string?)job["OutputKeyPrefix"]}{(string)o!["Key"]!}", Presets.Single(p => p.Id == (string?)o["PresetId"]).Options));
        try
        {
            var length = await work.DoAsync($"s3://{Bucket}/{(string)job["Inputs"]![0]!["Key"]!}", outputs);
            await CompleteAsync(job, (int)Math.Ceiling(length.TotalSeconds));
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or HttpRequestException or Amazon.Runtime.AmazonServiceException)
        {
            await FailAsync(job, $"4000 {Guid.NewGuid()}: {e.Message}");
        }
    }

    private static Task PresetsAsync(HttpContext context)
    {
        // Two in each page, so that a client that reads only one finds nothing.
        var from = int.Parse(context.Request.Query["PageToken"].FirstOrDefault() ?? "0");
        var page = Presets.Skip(from).Take(2).Select(p => new JsonObject { ["Id"] = p.Id, ["Name"] = $"System preset: {p.Name}" });
        return AnswerAsync(context, 200, new() { ["Presets"] = new JsonArray([.. page]), ["NextPageToken"] = from + 2 < Presets.Length ? $"{from + 2}" : null });
    }

    private Task CancelAsync(HttpContext context)
    {
        if (Find(context) is not { } job)
            return RefuseAsync(context, 404, "ResourceNotFoundException");
        if ((string?)job["Status"] is not "Submitted")
            return RefuseAsync(context, 409, "ResourceInUseException");
        job["Status"] = "Canceled";
        return AnswerAsync(context, 202, new() { ["Success"] = "true" });
    }

    private JsonObject? Find(HttpContext context) => Jobs.GetValueOrDefault((string)context.Request.RouteValues["id"]!);

    private Task PublishAsync(JsonObject job, string state, string? problem = null) => Topic?.PublishAsync(new JsonObject
    {
        ["state"] = state, ["version"] = "2012-09-25", ["jobId"] = (string)job["Id"]!, ["pipelineId"] = PipelineId,
        ["outputKeyPrefix"] = (string?)job["OutputKeyPrefix"], ["userMetadata"] = job["UserMetadata"]!.DeepClone(),
        ["errorCode"] = problem is null ? null : int.Parse(problem.Split(' ')[0]), ["messageDetails"] = problem,
        ["outputs"] = new JsonArray([.. job["Outputs"]!.AsArray().Select(o => new JsonObject
        {
            ["key"] = (string?)o!["Key"], ["presetId"] = (string?)o["PresetId"], ["status"] = (string?)o["Status"], ["duration"] = o["Duration"]?.DeepClone(),
        })]),
    }.ToJsonString()) ?? Task.CompletedTask;

    private static JsonNode Shown(JsonObject job) => job.DeepClone();

    private static Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.Headers["x-amzn-ErrorType"] = code;
        return AnswerAsync(context, status, new() { ["message"] = $"{code}, as the test asked." });
    }

    private static Task AnswerAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }
}
