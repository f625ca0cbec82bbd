using System.Net;
using System.Reflection;
using System.Text;
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

/// <summary>The threats to the webhook, by their number. T-WH-01 is the mutator's; T-WH-03 to 06, 09 and 21 are with the certificates.</summary>
public sealed class ThreatTests
{
    [Fact]
    public async Task TWH02_ValidlySignedForAnotherTopic_Is403EvenWithTheRightHeaders()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var attackers = webhook.Aws.CreateTopic("attackers").Notification("hello");
        Assert.Equal(Forbidden, await webhook.PostAsync(Encoding.UTF8.GetBytes(attackers.ToJson()), ("x-amz-sns-topic-arn", webhook.Topic.Arn)));
        Assert.Equal(1, webhook.Refused(Refusal.ForeignTopic));
        Assert.Empty(webhook.Aws.CertificateRequests);
    }

    [Theory]
    [InlineData("1", "1", OK)]
    [InlineData("2", "1", Forbidden)]
    [InlineData("2", "2", OK)]
    [InlineData("1", "3", Forbidden)]
    [InlineData("1", "", Forbidden)]
    public async Task TWH07_SignatureVersionBelowTheMinimum_Is403(string minimum, string version, HttpStatusCode answer)
    {
        await using var webhook = await WebhookApp.StartAsync(new() { ["Sns:MinimumSignatureVersion"] = minimum });
        var message = webhook.Topic.Notification("hello");
        message.Sign(webhook.Aws.Signer, webhook.Aws.Origin, version);
        Assert.Equal(answer, await webhook.PostAsync(message));
    }

    [Fact]
    public async Task TWH07_VersionSwappedAfterSigning_Is403()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var message = webhook.Topic.Notification("hello");
        message["SignatureVersion"] = "1";
        Assert.Equal(Forbidden, await webhook.PostAsync(message));
    }

    /// <summary>Whatever is read back is what was signed: for random text in every field, and however the JSON spells it.</summary>
    [Fact]
    public void TWH08_WhatIsRead_IsWhatWasSigned()
    {
        using var signer = new SnsSigner(DateTimeOffset.UtcNow);
        var text = Gen.Char.Where(c => !char.IsSurrogate(c)).Array[0, 20].Select(c => new string(c));
        var clean = Gen.Char[' ', '~'].Array[1, 20].Select(c => new string(c));
        Gen.Select(text, clean, clean.Null(), Gen.Bool).Sample((message, id, subject, asciiOnly) =>
        {
            var sent = SnsMessage.Of("Notification", "arn:aws:sns:eu-central-1:000000000000:t", message, DateTimeOffset.UtcNow);
            sent["MessageId"] = id;
            sent["Subject"] = subject;
            sent.Sign(signer, "https://x");
            var json = asciiOnly ? System.Text.Json.JsonSerializer.Serialize(sent.Fields) : sent.ToJson();
            Assert.Null(SnsEnvelope.Read(Encoding.UTF8.GetBytes(json), out var envelope));
            Assert.Equal((message, id, subject), (envelope!.Message, envelope.MessageId, envelope.Subject));
            var expected = $"Message\n{message}\nMessageId\n{id}\n" + (subject is null ? "" : $"Subject\n{subject}\n")
                + $"Timestamp\n{sent["Timestamp"]}\nTopicArn\n{sent["TopicArn"]}\nType\nNotification\n";
            Assert.Equal(expected, Encoding.UTF8.GetString(envelope.SignedText()));
        });
    }

    /// <summary>One signature fits two ways to cut the signed text into fields, if a field may hold a line break.</summary>
    [Fact]
    public async Task TWH08_GenuineSignatureOverFieldsCutAnew_IsRefused()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var genuine = webhook.Topic.Notification("a\nMessageId\nforged\nSubject\nb");
        Assert.Equal(OK, await webhook.PostAsync(genuine));
        var forged = webhook.Topic.Notification("x");
        (forged["Message"], forged["MessageId"], forged["Subject"]) = ("a", "forged", $"b\nMessageId\n{genuine.Id}");
        (forged["Signature"], forged["Timestamp"]) = (genuine["Signature"], genuine["Timestamp"]);
        Assert.Equal(BadRequest, await webhook.PostAsync(forged));
        Assert.Single(await webhook.DeliveriesAsync());
    }

    [Fact]
    public async Task TWH10_SameBytesThousandTimesFrom32Threads_HaveOneEffect()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var job = await webhook.AddRemoteJobAsync();
        var body = Encoding.UTF8.GetBytes(webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE")).ToJson());
        await Parallel.ForAsync(0, 1_000, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, _) => Assert.Equal(OK, await webhook.PostAsync(body)));
        Assert.Equal(999, Assert.Single(await webhook.DeliveriesAsync()).Repeats);
        Assert.Single(await webhook.MessagesAsync(job.Id));
    }

    [Theory]
    [InlineData(-76, BadRequest)]
    [InlineData(-74, OK)]
    [InlineData(0, OK)]
    [InlineData(9, OK)]
    [InlineData(11, BadRequest)]
    public async Task TWH11_ReplayOutsideTheWindow_Is400(int minutes, HttpStatusCode answer)
    {
        await using var webhook = await WebhookApp.StartAsync();
        var message = webhook.Topic.Notification("hello");
        message["Timestamp"] = SnsMessage.At(DateTimeOffset.UtcNow.AddMinutes(minutes));
        Assert.Equal(answer, await webhook.PostAsync(webhook.Topic.Sign(message)));
    }

    [Fact]
    public async Task TWH12_ForgedMessageWithAGenuineId_DoesNotBlockTheGenuineOne()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var job = await webhook.AddRemoteJobAsync();
        var genuine = webhook.Topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE"));
        var forged = webhook.Topic.Notification("nothing");
        (forged["MessageId"], forged["Message"]) = (genuine.Id, "other");
        Assert.Equal(Forbidden, await webhook.PostAsync(forged));
        Assert.Equal(OK, await webhook.PostAsync(genuine));
        Assert.Equal(JobState.Succeeded, (await webhook.JobAsync(job.Id)).State);
    }

    [Fact]
    public async Task TWH14_SubscriptionOfferedByAForeignTopic_Is403AndNotConfirmed()
    {
        await using var webhook = await WebhookApp.StartAsync();
        var attackers = webhook.Aws.CreateTopic("attackers");
        Assert.Equal([403], (await attackers.SubscribeAsync(webhook.Endpoint)).Statuses);
        Assert.Empty(webhook.Aws.Calls);
    }

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
            Assert.Equal(minutes >= -10 ? OK : BadRequest, await webhook.PostAsync(message));
        }

        Assert.Single(await webhook.MessagesAsync(job.Id));
        Assert.Single(await webhook.DeliveriesAsync());
    }
}
