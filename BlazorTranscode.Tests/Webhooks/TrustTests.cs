using System.Reflection;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Time.Testing;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>T-WH-19 to T-WH-22: what a signature does not make true, and that nothing switches its check off.</summary>
public sealed class TrustTests
{
    [Fact]
    public async Task TWH19_ReportThatNamesAnotherJobOfOurs_ChangesNothing()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var mine = await webhook.AddRemoteJobAsync("anna");
        var victims = await webhook.AddRemoteJobAsync("ben");
        var lie = EnginePayloads.MediaConvert(mine, "COMPLETE").Replace(mine.Id.ToString(), victims.Id.ToString(), StringComparison.Ordinal);

        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(lie)));

        Assert.Equal(DeliveryOutcome.OtherJob, Assert.Single(await webhook.DeliveriesAsync()).Outcome);
        Assert.Equal(JobState.Submitted, (await webhook.JobAsync(victims.Id)).State);
        Assert.Empty(await webhook.MessagesAsync(victims.Id));
    }

    /// <summary>W27: what a payload says of owner, bucket and path counts for nothing.</summary>
    [Fact]
    public async Task W27_OutputsElsewhere_AreNotTaken()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var job = await webhook.AddRemoteJobAsync();
        var other = Guid.NewGuid();
        var lie = EnginePayloads.MediaConvert(job, "COMPLETE").Replace($"renditions/{job.Id:N}/", $"renditions/{other:N}/", StringComparison.Ordinal);
        Assert.Equal(OK, await webhook.PostAsync(webhook.Topic.Notification(lie)));

        var after = await webhook.JobAsync(job.Id);
        Assert.Equal(JobState.Failed, after.State);
        Assert.Equal("anna", Assert.Single(await webhook.MessagesAsync(job.Id)).OwnerId);
    }

    [Fact]
    public void TWH20_NoSettingTurnsVerificationOff()
    {
        var settings = typeof(SnsOptions).GetProperties().Select(p => p.Name);
        Assert.DoesNotContain(settings, s => new[] { "skip", "disable", "insecure", "verify", "allow" }.Any(w => s.Contains(w, StringComparison.OrdinalIgnoreCase)));
        Assert.True(typeof(SnsVerifier).IsSealed);
        Assert.Empty(typeof(SnsVerifier).GetInterfaces());
        Assert.DoesNotContain(typeof(SnsVerifier).GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance), p => p.CanWrite);
    }

    [Theory]
    [InlineData("Development", "http://localhost:9911", true)]
    [InlineData("Production", "http://localhost:9911", false)]
    [InlineData("Staging", "http://127.0.0.1:9911", false)]
    [InlineData("Development", "http://example.org:9911", false)]
    [InlineData("Development", "http://localhost:9911/path", false)]
    [InlineData("Development", "localhost", false)]
    public void TWH20_TestEndpoint_IsForDevelopmentOnThisMachineOnly(string environment, string endpoint, bool accepted)
    {
        var rules = new SnsOptionsRules(new HostingEnvironment { EnvironmentName = environment }, Microsoft.Extensions.Options.Options.Create(new BlazorTranscode.Aws.AwsOptions()));
        Assert.Equal(accepted, rules.Validate(null, new() { TestEndpoint = endpoint }).Succeeded);
    }

    [Fact]
    public async Task TWH20_TestEndpoint_MaySignForNoRealTopic()
    {
        const string Real = "arn:aws:sns:eu-central-1:123456789012:transcodes";
        var sockets = new CountingSockets();
        await using var webhook = await WebhookApp.StartAsync(new() { ["Sns:TopicArns:1"] = Real }, services => sockets.Install(services));
        var message = webhook.Topic.Notification("hello");
        message["TopicArn"] = Real;
        Assert.Equal(Forbidden, await webhook.PostAsync(webhook.Topic.Sign(message)));
        Assert.Equal(0, sockets.Opened);
    }

    [Fact]
    public async Task TWH22_HostileText_ReachesNoLogLine()
    {
        var logs = new LogCollector();
        await using var webhook = await WebhookApp.StartAsync(services: services => logs.Install(services));
        const string Poison = "p0is0n";
        string[] pieces = [$"{Poison}\r\nfail: forged line", $"{Poison}\u001b[31m", $"{Poison}{{0}}{{Reason}}", $"{Poison}%s"];
        foreach (var piece in pieces)
        {
            foreach (var field in webhook.Topic.Notification("hello", "subject").Fields.Keys)
            {
                foreach (var signed in (bool[])[true, false])
                {
                    var message = webhook.Topic.Notification("hello", "subject");
                    message[field] = piece;
                    await webhook.PostAsync(signed && field is not ("Signature" or "SigningCertURL" or "SignatureVersion") ? webhook.Topic.Sign(message) : message);
                }
            }
        }

        var genuine = webhook.Topic.Notification("secret text");
        Assert.Equal(OK, await webhook.PostAsync(genuine));
        Assert.DoesNotContain(logs.Lines, l => l.Text.Contains(Poison, StringComparison.Ordinal) || l.Text.Contains("secret text", StringComparison.Ordinal)
            || l.Text.Contains(genuine["Signature"]!, StringComparison.Ordinal));
        Assert.Empty(logs.Errors);
        Assert.InRange(logs.Lines.Count(l => l.Text.Contains("Webhook request refused", StringComparison.Ordinal)), 1, 10);
    }

    /// <summary>F26: the clock jumps; what is genuine by then counts, and a message of the past does not come back to life.</summary>
    [Fact]
    public async Task F26_ClockJumps_WindowFollowsAndNothingIsDoubled()
    {
        var time = new FakeTimeProvider(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var webhook = await WebhookApp.StartAsync(time: time, services: services => services.AddSingleton<TimeProvider>(time));
        var job = await webhook.AddRemoteJobAsync();
        var message = webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE"));
        Assert.Equal(OK, await webhook.PostAsync(message));
        foreach (var minutes in (int[])[15, 5, 0, -5, -60, 60])
        {
            time.AdjustTime(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddMinutes(minutes));
            Assert.Equal(minutes >= -10 ? OK : ServiceUnavailable, await webhook.PostAsync(message));
        }

        Assert.Single(await webhook.MessagesAsync(job.Id));
        Assert.Single(await webhook.DeliveriesAsync());
    }
}
