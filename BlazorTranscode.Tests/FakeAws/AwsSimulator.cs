using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>
/// The parts of AWS that the app talks to, on real HTTP on this machine: SNS with topics, signed deliveries, certificates and the call
/// that confirms a subscription. It shares no code with the app, so that they cannot share a misunderstanding.
/// </summary>
internal sealed class AwsSimulator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, RequestDelegate> _certificates = new();
    private readonly ConcurrentDictionary<string, SimulatedTopic> _topics = new();

    private AwsSimulator(TimeProvider time, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add($"http://127.0.0.1:{port}");
        _app.MapGet("/{file}", ServeCertificateAsync);
        _app.MapPost("/", AnswerAsync);
        _app.MapPost("/000000000000/{queue}", AnswerAsync);
        Time = time;
        Signatures = new(time);
        MediaConvert = new(this, _app);
        ElasticTranscoder = new(this, _app);
        Queue = new(this, "reports");
        Signer = Rotate();
    }

    /// <summary>Where it listens, as <c>http://127.0.0.1:port</c>.</summary>
    public string Origin => _app.Urls.First();

    public TimeProvider Time { get; }

    /// <summary>Checks what calls to the services other than SNS are signed with.</summary>
    public SignatureVerifier Signatures { get; }

    public SimulatedMediaConvert MediaConvert { get; }

    public SimulatedElasticTranscoder ElasticTranscoder { get; }

    /// <summary>The one queue of the account.</summary>
    public SimulatedQueue Queue { get; }

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };

    /// <summary>The key that signs now.</summary>
    public SnsSigner Signer { get; private set; }

    /// <summary>How it waits between two attempts. A test that lives in a hurry returns at once.</summary>
    public Func<TimeSpan, Task> Wait { get; set; } = delay => Task.Delay(delay);

    /// <summary>The path of every certificate that was asked for.</summary>
    public ConcurrentQueue<string> CertificateRequests { get; } = new();

    /// <summary>The form of every call to the API.</summary>
    public ConcurrentQueue<Dictionary<string, string>> Calls { get; } = new();

    /// <summary>Answers every API call with this status while it is set.</summary>
    public int? ApiFault { get; set; }

    /// <param name="port">Where to listen; 0 takes a free one.</param>
    public static async Task<AwsSimulator> StartAsync(TimeProvider? time = null, int port = 0)
    {
        var simulator = new AwsSimulator(time ?? TimeProvider.System, port);
        await simulator._app.StartAsync();
        return simulator;
    }

    /// <summary>A topic of the account that belongs to nobody.</summary>
    public SimulatedTopic CreateTopic(string name = "transcodes")
    {
        var topic = new SimulatedTopic(this, $"arn:aws:sns:eu-central-1:000000000000:{name}");
        return _topics[topic.Arn] = topic;
    }

    /// <summary>A new key signs from here on; the certificates of the old ones stay where they are.</summary>
    public SnsSigner Rotate()
    {
        var signer = new SnsSigner(Time.GetUtcNow());
        Serve(signer.Path, context => context.Response.WriteAsync(signer.Pem));
        return Signer = signer;
    }

    /// <summary>Decides what is served at the path of a certificate.</summary>
    public void Serve(string path, RequestDelegate answer) => _certificates[path] = answer;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }

    private Task ServeCertificateAsync(HttpContext context)
    {
        CertificateRequests.Enqueue(context.Request.Path);
        if (_certificates.TryGetValue(context.Request.Path, out var answer))
            return answer(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Headers["X-Amz-Target"].ToString().StartsWith("AmazonSQS.", StringComparison.Ordinal))
        {
            await Queue.AnswerAsync(context);
            return;
        }

        // Unsigned calls are allowed to confirm, and to nothing else; what is signed must be signed well.
        var isSigned = context.Request.Headers.ContainsKey("Authorization");
        var mistake = isSigned ? await Signatures.MistakeAsync(context.Request, "sns") : null;
        var form = (await context.Request.ReadFormAsync()).ToDictionary(f => f.Key, f => f.Value.ToString());
        Calls.Enqueue(form);
        context.Response.ContentType = "text/xml";
        if ((mistake is null ? Mistake(form, isSigned) : (403, mistake)) is var (status, code))
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync($"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{code}</Message></Error></ErrorResponse>");
            return;
        }

        if (form["Action"] is "Subscribe")
            _ = _topics[form["TopicArn"]].SubscribeAsync(new(form["Endpoint"]));
        await context.Response.WriteAsync($"""
            <ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ConfirmSubscriptionResult>
            <SubscriptionArn>{form["TopicArn"]}:1</SubscriptionArn></ConfirmSubscriptionResult></ConfirmSubscriptionResponse>
            """);
    }

    private (int Status, string Code)? Mistake(Dictionary<string, string> form, bool isSigned) => form switch
    {
        _ when ApiFault is { } fault => (fault, "InternalError"),
        _ when form.GetValueOrDefault("Action") is "Subscribe" => isSigned && _topics.ContainsKey(form["TopicArn"]) ? null : (403, "AuthorizationError"),
        _ when !isSigned && form.ContainsKey("AuthenticateOnUnsubscribe") => (403, "AuthorizationError"),
        _ when form.GetValueOrDefault("Action") != "ConfirmSubscription" || form.GetValueOrDefault("Version") != "2010-03-31" => (400, "InvalidAction"),
        _ when !_topics.TryGetValue(form.GetValueOrDefault("TopicArn", ""), out var topic) || !topic.Confirm(form.GetValueOrDefault("Token", "")) =>
            (400, "InvalidParameter"),
        _ => null,
    };
}
