using System.Net;
using System.Text;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Webhooks;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
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
    [InlineData(-76, ServiceUnavailable)]
    [InlineData(-74, OK)]
    [InlineData(0, OK)]
    [InlineData(9, OK)]
    [InlineData(11, ServiceUnavailable)]
    public async Task TWH11_GenuineOutsideTheWindow_IsPutOff(int minutes, HttpStatusCode answer)
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
}
