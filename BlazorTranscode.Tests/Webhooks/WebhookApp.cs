using System.Net;
using System.Text;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>The app with a simulated AWS whose topic it listens to.</summary>
internal sealed class WebhookApp : IAsyncDisposable
{
    private int _jobs;

    private WebhookApp(AwsSimulator aws, SimulatedTopic topic, TestApp app) => (Aws, Topic, App) = (aws, topic, app);

    public AwsSimulator Aws { get; }

    public SimulatedTopic Topic { get; }

    public TestApp App { get; }

    public Uri Endpoint => new(App.Address, "webhooks/sns");

    public static Task<WebhookApp> StartAsync(
        Dictionary<string, string?>? settings = null, Action<IServiceCollection>? services = null, TimeProvider? time = null, string? testEndpoint = null) =>
        StartWithAsync(_ => settings ?? [], services, time, testEndpoint);

    /// <param name="settings">Further settings, for this simulator.</param>
    public static async Task<WebhookApp> StartWithAsync(
        Func<AwsSimulator, Dictionary<string, string?>> settings, Action<IServiceCollection>? services = null, TimeProvider? time = null, string? testEndpoint = null)
    {
        var aws = await AwsSimulator.StartAsync(time);
        aws.Wait = _ => Task.CompletedTask;
        var topic = aws.CreateTopic();
        var app = TestApp.Start(new(settings(aws)) { ["Sns:TopicArns:0"] = topic.Arn, ["Sns:TestEndpoint"] = testEndpoint ?? aws.Origin }, services);
        return new(aws, topic, app);
    }

    /// <summary>Subscribes the app to the topic, so that it may be published to.</summary>
    public async Task<WebhookApp> SubscribeAsync()
    {
        Assert.True((await Topic.SubscribeAsync(Endpoint)).Delivered);
        Assert.True(Topic.IsConfirmed);
        return this;
    }

    public Task<HttpStatusCode> PostAsync(SnsMessage message) => PostAsync(message.ToJson());

    public Task<HttpStatusCode> PostAsync(string body) => PostAsync(Encoding.UTF8.GetBytes(body));

    public async Task<HttpStatusCode> PostAsync(byte[] body, params (string Name, string Value)[] headers)
    {
        using var content = new ByteArrayContent(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, Endpoint) { Content = content };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                content.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Aws.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    /// <summary>A job that an engine elsewhere has taken.</summary>
    public async Task<TranscodeJob> AddRemoteJobAsync(string ownerId = "anna", string engine = "mediaconvert", string? engineJobId = null, params string[] presets) =>
        (await AddRemoteJobsAsync(1, ownerId, engine, engineJobId, presets))[0];

    /// <summary>Jobs of one owner, in one transaction: between two there would be a job that nobody has taken, and that the app would take.</summary>
    public async Task<List<TranscodeJob>> AddRemoteJobsAsync(
        int count, string ownerId = "anna", string engine = "mediaconvert", string? engineJobId = null, params string[] presets)
    {
        List<TranscodeJob> jobs = [];
        await using var db = await App.OpenDatabaseAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        for (var i = 0; i < count; i++)
        {
            var job = await db.AddJobAsync(ownerId, JobState.Submitted, presets: presets);
            (job.Engine, job.EngineJobId) = (engine, engineJobId ?? $"1671477617078-{Interlocked.Increment(ref _jobs):d6}");
            jobs.Add(job);
        }

        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return jobs;
    }

    public async Task<TranscodeJob> JobAsync(Guid id)
    {
        await using var db = await App.OpenDatabaseAsync();
        return await db.TranscodeJobs.AsNoTracking().SingleAsync(j => j.Id == id);
    }

    public async Task<List<Message>> MessagesAsync(Guid jobId)
    {
        await using var db = await App.OpenDatabaseAsync();
        return await db.Messages.AsNoTracking().Where(m => m.JobId == jobId).ToListAsync();
    }

    public async Task<List<Delivery>> DeliveriesAsync()
    {
        await using var db = await App.OpenDatabaseAsync();
        return await db.Deliveries.AsNoTracking().OrderBy(d => d.Id).ToListAsync();
    }

    /// <summary>How often something was refused for this reason.</summary>
    public long Refused(Refusal reason) => App.Get<RefusedDeliveries>().Counts.GetValueOrDefault(reason);

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Aws.DisposeAsync();
    }
}
