using System.Buffers;
using BlazorTranscode.Webhooks;
using static System.Net.HttpStatusCode;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>Rows W17 and W18 of the hostile inputs: bodies at the limit, beyond it, and broken off.</summary>
public sealed class BodySizeTests(SharedWebhook shared) : IClassFixture<SharedWebhook>
{
    private const string Chunked = "POST /webhooks/sns HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";

    private WebhookApp Webhook => shared.Webhook;

    [Fact]
    public async Task W17_DeclaredTooLarge_Is413()
    {
        var before = Webhook.Refused(Refusal.TooLarge);
        using var content = new ByteArrayContent(new byte[SnsEndpoint.MaxBytes + 1]);
        using var request = new HttpRequestMessage(HttpMethod.Post, Webhook.Endpoint) { Content = content };
        // The answer comes before the body; who sends all the same may find the connection closed and miss it.
        request.Headers.ExpectContinue = true;
        using var response = await Webhook.Aws.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(before + 1, Webhook.Refused(Refusal.TooLarge));
    }

    /// <summary>Not a byte more than it takes: what the server has not read when it closes would make the client miss the answer.</summary>
    [Fact]
    public async Task W18_ChunkedTooLarge_Is413() =>
        Assert.Equal(413, await RawHttp.StatusAsync(Webhook.Endpoint, Chunked + $"{SnsEndpoint.MaxBytes + 1:x}\r\n{new string(' ', SnsEndpoint.MaxBytes + 1)}"));

    /// <summary>Memory that is given back twice ends up in two answers at once, and one person reads what belongs to another.</summary>
    [Fact]
    public async Task W18_BodiesThatAreCutOff_LeaveTheMemoryOfOthersAlone()
    {
        for (var i = 0; i < 20; i++)
            await W18_ChunkedTooLarge_Is413();
        // Each thread keeps what it gave back last for itself, so all of them are asked at once.
        var rented = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() =>
        {
            byte[][] arrays = [.. Enumerable.Range(0, 10).Select(_ => ArrayPool<byte>.Shared.Rent(4096))];
            Thread.Sleep(20);
            return arrays;
        })));
        Assert.Distinct(rented.SelectMany(arrays => arrays));
    }

    [Fact]
    public async Task W18_AlmostTooLarge_IsTaken()
    {
        var message = shared.Topic.Notification(new string('"', 262_144)); // as large as SNS allows, and doubled by escaping
        Assert.Equal(OK, await Webhook.PostAsync(message));
    }
}
