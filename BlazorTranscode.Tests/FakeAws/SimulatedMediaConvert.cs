using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>
/// AWS Elemental MediaConvert as far as this app uses it: takes orders that are signed and well formed, knows a token for one minute, and
/// tells what became of a job by GetJob and, through a topic, by events. Jobs end when a test says so, or are really done by
/// <see cref="Work"/>.
/// </summary>
internal sealed class SimulatedMediaConvert
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(1);

    private readonly AwsSimulator _aws;
    private readonly Dictionary<string, (string JobId, DateTimeOffset At)> _tokens = [];
    private int _number;

    public SimulatedMediaConvert(AwsSimulator aws, WebApplication app)
    {
        _aws = aws;
        app.MapPost("/2017-08-29/jobs", context => SignedAsync(context, CreateAsync));
        app.MapGet("/2017-08-29/jobs", context => SignedAsync(context, c => AnswerAsync(c, 200, new JsonObject { ["jobs"] = List(Newest.Take(1)) })));
        app.MapGet("/2017-08-29/search", context => SignedAsync(context, SearchAsync));
        app.MapGet("/2017-08-29/jobs/{id}", context => SignedAsync(context, GetAsync));
        app.MapDelete("/2017-08-29/jobs/{id}", context => SignedAsync(context, CancelAsync));
    }

    /// <summary>Every job by its id.</summary>
    public ConcurrentDictionary<string, SimulatedJob> Jobs { get; } = new();

    /// <summary>Where events go, as EventBridge would send them.</summary>
    public SimulatedTopic? Topic { get; set; }

    /// <summary>Does each job when it is taken; null leaves them to the test.</summary>
    public Func<SimulatedJob, Task<TimeSpan>>? Work { get; set; }

    /// <summary>What is answered instead, if not null: a status and the kind of error. Called for each request.</summary>
    public Func<HttpRequest, (int Status, string Code)?> Fault { get; set; } = _ => null;

    /// <summary>What an order that is signed and well formed is refused with, if not null: a status, the kind of error and its words.</summary>
    public Func<JsonObject, (int Status, string Code, string Message)?> OrderFault { get; set; } = _ => null;

    /// <summary>An <see cref="OrderFault"/>: the app may order, but not hand its role over.</summary>
    public static (int Status, string Code, string Message)? MayNotPassRole(JsonObject order) => (403, "AccessDeniedException",
        $"User: arn:aws:sts::000000000000:assumed-role/app/i-1 is not authorized to perform: iam:PassRole on resource: {(string)order["role"]!}");

    /// <summary>An <see cref="OrderFault"/>: there is no such role.</summary>
    public static (int Status, string Code, string Message)? NoSuchRole(JsonObject order) =>
        (400, "BadRequestException", $"The role {(string)order["role"]!} does not exist or cannot be assumed.");

    /// <summary>A <see cref="Fault"/> that tells nobody how a job stands: it is heard of by its reports or not at all.</summary>
    public static (int Status, string Code)? KeepToItself(HttpRequest request) =>
        request.Method == "GET" && request.Path.StartsWithSegments("/2017-08-29/jobs", out var job) && job.HasValue ? (400, "BadRequestException") : null;

    /// <summary>Whether the next order is taken, but the connection is cut before the answer.</summary>
    public bool LoseNextAnswer { get; set; }

    /// <summary>Calls that reached it, as <c>GET /path</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    private IEnumerable<SimulatedJob> Newest => Jobs.Values.OrderByDescending(j => j.Number);

    /// <summary>Ends a job and publishes the event.</summary>
    public Task CompleteAsync(SimulatedJob job, TimeSpan length)
    {
        (job.Status, job.Length) = ("COMPLETE", length);
        return PublishAsync(job);
    }

    public Task FailAsync(SimulatedJob job, int code, string message)
    {
        (job.Status, job.ErrorCode, job.ErrorMessage) = ("ERROR", code, message);
        return PublishAsync(job);
    }

    private async Task SignedAsync(HttpContext context, RequestDelegate handler)
    {
        Calls.Enqueue($"{context.Request.Method} {context.Request.Path}");
        if (Fault(context.Request) is var (status, code))
            await RefuseAsync(context, status, code);
        else if (await _aws.Signatures.MistakeAsync(context.Request, "mediaconvert") is { } mistake)
            await RefuseAsync(context, 403, mistake);
        else
            await handler(context);
    }

    private async Task CreateAsync(HttpContext context)
    {
        var order = (JsonObject)(await JsonNode.ParseAsync(context.Request.Body))!;
        if (MediaConvertOrder.Mistake(order) is { } mistake)
        {
            await RefuseAsync(context, 400, "BadRequestException", mistake);
            return;
        }

        if (OrderFault(order) is var (status, code, message))
        {
            await RefuseAsync(context, status, code, message);
            return;
        }

        var job = Take(order, out var isNew);
        if (isNew && Work is { } work)
            _ = DoAsync(job, work);
        if (LoseNextAnswer)
        {
            LoseNextAnswer = false;
            context.Abort();
            return;
        }

        await AnswerAsync(context, 201, new JsonObject { ["job"] = job.ToJson() });
    }

    private SimulatedJob Take(JsonObject order, out bool isNew)
    {
        var token = (string)order["clientRequestToken"]!;
        lock (_tokens)
        {
            isNew = !(_tokens.TryGetValue(token, out var known) && _aws.Time.GetUtcNow() - known.At < TokenLife);
            if (!isNew)
                return Jobs[known.JobId];
            var id = $"{_aws.Time.GetUtcNow().ToUnixTimeMilliseconds()}-{++_number:x6}";
            _tokens[token] = (id, _aws.Time.GetUtcNow());
            return Jobs[id] = new(id, _number, order);
        }
    }

    private async Task DoAsync(SimulatedJob job, Func<SimulatedJob, Task<TimeSpan>> work)
    {
        job.Status = "PROGRESSING";
        await PublishAsync(job);
        try
        {
            var length = await work(job);
            if (job.Status is "PROGRESSING")
                await CompleteAsync(job, length);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or HttpRequestException or Amazon.Runtime.AmazonServiceException)
        {
            await FailAsync(job, 1076, e.Message);
        }
    }

    private Task SearchAsync(HttpContext context) =>
        AnswerAsync(context, 200, new JsonObject { ["jobs"] = List(Newest.Where(j => j.Source == context.Request.Query["inputFile"]).Take(20)) });

    private Task GetAsync(HttpContext context) => Jobs.TryGetValue((string)context.Request.RouteValues["id"]!, out var job)
        ? AnswerAsync(context, 200, new JsonObject { ["job"] = job.ToJson() })
        : RefuseAsync(context, 404, "NotFoundException");

    private Task CancelAsync(HttpContext context)
    {
        if (!Jobs.TryGetValue((string)context.Request.RouteValues["id"]!, out var job))
            return RefuseAsync(context, 404, "NotFoundException");
        if (job.Status is "COMPLETE" or "ERROR" or "CANCELED")
            return RefuseAsync(context, 409, "ConflictException");
        job.Status = "CANCELED";
        return AnswerAsync(context, 202, []);
    }

    private Task PublishAsync(SimulatedJob job) => Topic?.PublishAsync(job.ToEvent(_aws.Time.GetUtcNow()).ToJsonString()) ?? Task.CompletedTask;

    private static JsonArray List(IEnumerable<SimulatedJob> jobs) => new([.. jobs.Select(j => j.ToJson())]);

    private static Task RefuseAsync(HttpContext context, int status, string code, string? message = null)
    {
        context.Response.Headers["x-amzn-ErrorType"] = code;
        return AnswerAsync(context, status, new JsonObject { ["message"] = message ?? $"{code}, as the test asked." });
    }

    private static Task AnswerAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(new JsonSerializerOptions()));
    }
}
