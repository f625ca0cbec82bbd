using System.Globalization;
using System.Net;
using System.Text;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Webhooks;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>Rows W16 to W26 of the hostile inputs: an envelope in good order with something wrong in it.</summary>
public sealed class HostileFieldTests(SharedWebhook shared) : IClassFixture<SharedWebhook>
{
    private WebhookApp Webhook => shared.Webhook;

    private SimulatedTopic Topic => shared.Topic;

    [Theory]
    [InlineData("MessageId")]
    [InlineData("Subject")]
    [InlineData("TopicArn")]
    [InlineData("Timestamp")]
    public async Task W16_ControlCharacterInAField_Is400EvenIfSigned(string field)
    {
        foreach (var character in "\0\n\r\u001b\u007f\u0085")
        {
            var message = Topic.Notification("hello", "subject");
            message[field] += character;
            Topic.Sign(message);
            await AssertRefusedAsync(BadRequest, Encoding.UTF8.GetBytes(message.ToJson()), Refusal.Malformed);
        }
    }

    [Fact]
    public async Task W16_NulInTheMessage_IsStoredEscaped()
    {
        var message = Topic.Notification("a\0b\r\nc");
        Assert.Equal(OK, await Webhook.PostAsync(message));
        Assert.Equal("a\\u0000b\r\nc", (await Webhook.DeliveriesAsync()).Single(d => d.MessageId == message.Id).Body);
    }

    [Fact]
    public async Task W21_RawDelivery_Is403AndCounted()
    {
        var before = Webhook.Refused(Refusal.RawDelivery);
        Assert.Equal(Forbidden, await Webhook.PostAsync(shared.Bent("hello", "hello"), ("x-amz-sns-rawdelivery", "true")));
        Assert.Equal(before + 1, Webhook.Refused(Refusal.RawDelivery));
    }

    [Theory]
    [InlineData("", Forbidden)]
    [InlineData("QQ==", Forbidden)]
    [InlineData("=", BadRequest)]
    [InlineData("QQ", BadRequest)]
    [InlineData("QQ= =", BadRequest)]
    [InlineData("-_-_", BadRequest)]
    [InlineData("long", Forbidden)]
    [InlineData("spaced", BadRequest)]
    public async Task W23_SignatureShape(string signature, HttpStatusCode answer)
    {
        var message = Topic.Notification("hello");
        message["Signature"] = signature switch
        {
            "long" => new string('A', 100_000),
            "spaced" => message["Signature"]!.Insert(10, " "),
            _ => signature,
        };
        Assert.Equal(answer, await Webhook.PostAsync(message));
    }

    [Theory]
    [InlineData("")]
    [InlineData("9999-12-31T23:59:59.999Z")]
    [InlineData("0001-01-01T00:00:00.000Z")]
    [InlineData("local")]
    [InlineData("offset")]
    [InlineData("2 h old")]
    [InlineData("1 h ahead")]
    [InlineData("other digits")]
    [InlineData("seconds")]
    public async Task W24_Timestamp_IsRefused(string kind)
    {
        var now = Webhook.Aws.Time.GetUtcNow();
        var message = Topic.Notification("hello");
        message["Timestamp"] = kind switch
        {
            "local" => SnsMessage.At(now)[..^1],
            "offset" => SnsMessage.At(now)[..^1] + "+00:00",
            "2 h old" => SnsMessage.At(now.AddHours(-2)),
            "1 h ahead" => SnsMessage.At(now.AddHours(1)),
            "other digits" => string.Concat(SnsMessage.At(now).Select(c => char.IsAsciiDigit(c) ? (char)('\u0660' + c - '0') : c)),
            "seconds" => now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            _ => kind,
        };
        Topic.Sign(message);
        var (status, refusal) = kind switch
        {
            "2 h old" or "1 h ahead" => (ServiceUnavailable, Refusal.OutsideWindow),
            // Well formed, but outside the dates between which the certificate is valid.
            ['0' or '9', _, _, _, '-', ..] => (Forbidden, Refusal.CertificateUnfit),
            _ => (BadRequest, Refusal.Malformed),
        };
        await AssertRefusedAsync(status, Encoding.UTF8.GetBytes(message.ToJson()), refusal);
        await AssertRefusedAsync(BadRequest, Encoding.UTF8.GetBytes(message.Without("Timestamp").ToJson()), Refusal.Malformed);
    }

    public static TheoryData<string> Meaningless { get; } =
    [
        "hello", "{}", "[1]", "{\"source\":\"aws.mediaconvert\"}", new string('x', 250_000), "{\"source\":7,\"detail\":[]}", "\"\\ud800\"",
        "{\"source\":\"aws.mediaconvert\",\"detail-type\":\"MediaConvert Job State Change\",\"detail\":{\"jobId\":\"1-a\",\"status\":\"SOMETHING_NEW\"}}",
        "{\"state\":\"UNHEARD\",\"pipelineId\":\"1-a\",\"jobId\":\"1-a\"}", "{\"state\":\"COMPLETED\",\"state\":\"ERROR\",\"pipelineId\":\"1-a\",\"jobId\":\"1-a\"}",
    ];

    [Theory]
    [MemberData(nameof(Meaningless), DisableDiscoveryEnumeration = true)]
    public async Task W26_MessageThatMeansNothing_Is200AndRecorded(string text)
    {
        var message = Topic.Notification(text);
        Assert.Equal(OK, await Webhook.PostAsync(message));
        var delivery = (await Webhook.DeliveriesAsync()).Single(d => d.MessageId == message.Id);
        Assert.Equal(DeliveryOutcome.NotUnderstood, delivery.Outcome);
        Assert.True(delivery.Body.Length <= Delivery.KeptBody);
    }

    private async Task AssertRefusedAsync(HttpStatusCode answer, byte[] body, Refusal reason)
    {
        var rows = (await Webhook.DeliveriesAsync()).Count;
        var before = Webhook.Refused(reason);
        Assert.Equal(answer, await Webhook.PostAsync(body));
        Assert.Equal(before + 1, Webhook.Refused(reason));
        Assert.Equal(rows, (await Webhook.DeliveriesAsync()).Count);
    }
}
