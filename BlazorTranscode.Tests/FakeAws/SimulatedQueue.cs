using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>
/// One SQS queue in the JSON protocol, with its manners: what is received is hidden for a while and comes back unless it is deleted, and
/// goes to the dead letters when it has come too often. Source: the Amazon SQS developer guide and API reference.
/// </summary>
internal sealed class SimulatedQueue(AwsSimulator aws, string name)
{
    private readonly ConcurrentDictionary<string, QueuedMessage> _messages = new();

    /// <summary>The address that clients name it by.</summary>
    public string Url => $"{aws.Origin}/000000000000/{name}";

    /// <summary>How often a message may be received before it goes to the dead letters.</summary>
    public int MaxReceiveCount { get; set; } = 5;

    /// <summary>What the time for which a message is hidden is measured by.</summary>
    public TimeProvider Time { get; set; } = aws.Time;

    public ConcurrentQueue<string> DeadLetters { get; } = new();

    /// <summary>What has not been deleted, whether or not it is hidden.</summary>
    public int Count => _messages.Count;

    /// <summary>What is answered instead, if not null: a status and the kind of error. Called for each action.</summary>
    public Func<string, (int Status, string Code)?> Fault { get; set; } = _ => null;

    public void Send(string body)
    {
        var id = Guid.NewGuid().ToString();
        _messages[id] = new(id, body);
    }

    /// <summary>Answers one call.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var action = context.Request.Headers["X-Amz-Target"].ToString().Split('.')[^1];
        if (await aws.Signatures.MistakeAsync(context.Request, "sqs") is { } mistake)
        {
            await RefuseAsync(context, 403, mistake);
            return;
        }

        if (Fault(action) is var (status, code))
        {
            await RefuseAsync(context, status, code);
            return;
        }

        var request = (JsonObject)(await JsonNode.ParseAsync(context.Request.Body))!;
        if ((string?)request["QueueUrl"] != Url)
        {
            await RefuseAsync(context, 400, "com.amazonaws.sqs#QueueDoesNotExist");
            return;
        }

        switch (action)
        {
            case "ReceiveMessage":
                await ReceiveAsync(context, request);
                break;
            case "DeleteMessage":
                _messages.TryRemove((string)request["ReceiptHandle"]!, out _);
                await AnswerAsync(context, 200, []);
                break;
            case "ChangeMessageVisibility":
                if (_messages.TryGetValue((string)request["ReceiptHandle"]!, out var message))
                    message.HiddenUntil = Time.GetUtcNow().AddSeconds((int)request["VisibilityTimeout"]!);
                await AnswerAsync(context, 200, []);
                break;
            default:
                await RefuseAsync(context, 400, "InvalidAction");
                break;
        }
    }

    private async Task ReceiveAsync(HttpContext context, JsonObject request)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(TimeSpan.FromSeconds((int?)request["WaitTimeSeconds"] ?? 0));
        var hidden = TimeSpan.FromSeconds((int?)request["VisibilityTimeout"] ?? 30);
        var found = Take((int?)request["MaxNumberOfMessages"] ?? 1, hidden);
        try
        {
            while (found.Count == 0 && await timer.WaitForNextTickAsync(patience.Token))
                found = Take((int?)request["MaxNumberOfMessages"] ?? 1, hidden);
        }
        catch (OperationCanceledException)
        {
            // nothing came
        }

        // SQS leaves the member out when there is nothing.
        await AnswerAsync(context, 200, found.Count == 0 ? [] : new() { ["Messages"] = new JsonArray([.. found.Select(m => m.ToJson())]) });
    }

    private List<QueuedMessage> Take(int most, TimeSpan hidden)
    {
        List<QueuedMessage> taken = [];
        foreach (var message in _messages.Values.Where(m => m.HiddenUntil <= Time.GetUtcNow()).Take(most))
        {
            message.HiddenUntil = Time.GetUtcNow() + hidden;
            if (++message.Receives <= MaxReceiveCount)
                taken.Add(message);
            else if (_messages.TryRemove(message.Id, out _))
                DeadLetters.Enqueue(message.Body);
        }

        return taken;
    }

    private static Task RefuseAsync(HttpContext context, int status, string code) =>
        AnswerAsync(context, status, new() { ["__type"] = code, ["message"] = $"{code}, as the test asked." });

    private static Task AnswerAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/x-amz-json-1.0";
        return context.Response.WriteAsync(body.ToJsonString());
    }

    private sealed class QueuedMessage(string id, string body)
    {
        public string Id => id;

        public string Body => body;

        public DateTimeOffset HiddenUntil { get; set; }

        public int Receives { get; set; }

        public JsonObject ToJson() => new()
        {
            ["MessageId"] = Guid.NewGuid().ToString(), ["ReceiptHandle"] = id, [nameof(Body)] = body,
#pragma warning disable CA5351 // SQS's own check against bits that flip.
            ["MD5OfBody"] = Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(body))),
#pragma warning restore CA5351
            ["Attributes"] = new JsonObject { ["ApproximateReceiveCount"] = $"{Receives}" },
        };
    }
}
