using System.Net;
using System.Text;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Webhooks;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>Rows W01 to W16, W19 and W20 of the hostile inputs: what the door answers, through real HTTP. Nothing refused may leave a row.</summary>
public sealed class HostileInputTests(SharedWebhook shared) : IClassFixture<SharedWebhook>
{
    private WebhookApp Webhook => shared.Webhook;

    private SimulatedTopic Topic => shared.Topic;

    [Fact]
    public async Task W01_BadSignature_Is403()
    {
        var message = Topic.Notification("hello");
        message["Message"] = "hullo";
        await AssertRefusedAsync(Forbidden, Encoding.UTF8.GetBytes(message.ToJson()), Refusal.Signature);
    }

    [Theory]
    [InlineData("arn:aws:sns:eu-central-1:000000000000:other")]
    [InlineData("arn:aws:sns:eu-central-1:111111111111:transcodes")]
    [InlineData("arn:aws:sns:eu-west-1:000000000000:transcodes")]
    [InlineData("arn:aws:sns:eu-central-1:000000000000:transcodes ")]
    [InlineData("arn:aws:sns:eu-central-1:000000000000:Transcodes")]
    [InlineData("")]
    public async Task W02_ValidSignatureOfAForeignTopic_Is403(string arn)
    {
        var message = Topic.Notification("hello");
        message["TopicArn"] = arn;
        Topic.Sign(message);
        await AssertRefusedAsync(Forbidden, Encoding.UTF8.GetBytes(message.ToJson()), Refusal.ForeignTopic);
    }

    [Fact]
    public async Task W03_Replay_Is200WithoutEffect()
    {
        var message = Topic.Notification("hello");
        Assert.Equal(OK, await Webhook.PostAsync(message));
        Assert.Equal(OK, await Webhook.PostAsync(message));
        var delivery = Assert.Single(await Webhook.DeliveriesAsync(), d => d.MessageId == message.Id);
        Assert.Equal(1, delivery.Repeats);
    }

    public static TheoryData<string, string> Unreadable { get; } = new()
    {
        { "W04 empty", "" },
        { "W05 text", "hello" },
        { "W05 HTML", "<html><body>hello</body></html>" },
        { "W05 XML bomb", "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>" },
        { "W06 array", "[]" },
        { "W06 null", "null" },
        { "W06 text", "\"x\"" },
        { "W06 number", "1e999" },
        { "W07 nesting", new string('[', 100_000) },
        { "W07 nesting in an object", "{\"a\":" + new string('[', 100_000) },
        { "W08 depth 5", "{\"a\":{\"b\":{\"c\":{\"d\":{}}}}}" },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task W04To08_NotAnEnvelope_Is400(string row, string body)
    {
        Assert.NotEmpty(row);
        await AssertRefusedAsync(BadRequest, Encoding.UTF8.GetBytes(body), Refusal.Malformed);
    }

    [Theory]
    [InlineData("Type")]
    [InlineData("TopicArn")]
    [InlineData("Message")]
    [InlineData("MessageId")]
    [InlineData("Subject")]
    public async Task W09_DuplicateField_Is400(string field)
    {
        var message = Topic.Notification("hello", "subject");
        var body = message.ToJson().Replace("{", $$"""{"{{field}}":"{{message[field]}}",""", StringComparison.Ordinal);
        await AssertRefusedAsync(BadRequest, Encoding.UTF8.GetBytes(body), Refusal.Malformed);
        var escaped = message.ToJson().Replace("{", $$"""{"\u{{(int)field[0]:x4}}{{field[1..]}}":"{{message[field]}}",""", StringComparison.Ordinal);
        await AssertRefusedAsync(BadRequest, Encoding.UTF8.GetBytes(escaped), Refusal.Malformed);
    }

    [Fact]
    public async Task W10_OtherCase_IsAnotherField()
    {
        var body = Topic.Notification("hello").ToJson();
        Assert.Equal(OK, await Webhook.PostAsync(body.Replace("{", "{\"type\":\"x\",", StringComparison.Ordinal)));
        await AssertRefusedAsync(BadRequest, Encoding.UTF8.GetBytes(body.Replace("\"SigningCertURL\"", "\"SigningCertUrl\"", StringComparison.Ordinal)), Refusal.Malformed);
    }

    [Fact]
    public async Task W11_HalfASurrogatePair_Is400()
    {
        await AssertRefusedAsync(BadRequest, shared.Bent("hello", "\\ud800"), Refusal.Malformed);
        await AssertRefusedAsync(BadRequest, shared.Bent("\"hello\"", "\"hello\",\"\\ud800\":1"), Refusal.Malformed);
    }

    [Fact]
    public async Task W12_InvalidUtf8_Is400()
    {
        var body = shared.Bent("hello", "he~lo");
        body[Array.IndexOf(body, (byte)'~')] = 0xff;
        await AssertRefusedAsync(BadRequest, body, Refusal.Malformed);
    }

    [Fact]
    public async Task W13_ByteOrderMarkOrUtf16_Is400()
    {
        var text = Topic.Notification("hello").ToJson();
        await AssertRefusedAsync(BadRequest, [0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes(text)], Refusal.Malformed);
        await AssertRefusedAsync(BadRequest, Encoding.Unicode.GetBytes(text), Refusal.Malformed);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[\"hello\"]")]
    [InlineData("7")]
    [InlineData("true")]
    [InlineData("null")]
    public async Task W14_MessageOfAnotherKind_Is400(string value) =>
        await AssertRefusedAsync(BadRequest, shared.Bent("\"hello\"", value), Refusal.Malformed);

    [Theory]
    [InlineData("}", "}x")]
    [InlineData("}", "}{}")]
    [InlineData("{", "{/* why */")]
    [InlineData("}", ",}")]
    [InlineData("}", "")]
    public async Task W15_GarbageAroundTheObject_Is400(string old, string replacement) =>
        await AssertRefusedAsync(BadRequest, shared.Bent(old, replacement), Refusal.Malformed);

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task W19_ContentEncoding_Is415(string encoding) =>
        Assert.Equal(UnsupportedMediaType, await Webhook.PostAsync(shared.Bent("hello", "hello"), ("Content-Encoding", encoding)));

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("TRACE")]
    [InlineData("OPTIONS")]
    public async Task W20_OtherMethod_Is405(string method)
    {
        using var request = new HttpRequestMessage(new(method), Webhook.Endpoint);
        request.Headers.Accept.ParseAdd("text/html");
        using var response = await Webhook.Aws.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
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
