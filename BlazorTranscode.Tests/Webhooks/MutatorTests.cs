using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Webhooks;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>
/// T-WH-01: bodies that are almost genuine, by the hundred thousand. None is accepted unless it still says exactly what was signed, none
/// causes an exception or a 5xx that is not a named transient. <c>MUTATIONS=5000000</c> in the environment makes the run longer.
/// </summary>
public sealed class MutatorTests(SharedWebhook shared) : IClassFixture<SharedWebhook>
{
    private const int Workers = 8;
    private static readonly int Bodies = int.Parse(Environment.GetEnvironmentVariable("MUTATIONS") ?? "200000", CultureInfo.InvariantCulture);

    private readonly Lazy<byte[][]> _seeds = new(() => [.. Seeds(shared.Topic).Select(m => Encoding.UTF8.GetBytes(m.ToJson()))]);

    [Fact]
    public async Task TWH01_W01_BentBodies_AreNeverTakenForGenuine()
    {
        var verifier = shared.Webhook.App.Services.GetService(typeof(SnsVerifier)) as SnsVerifier;
        ConcurrentDictionary<string, int> verdicts = new();
        await Parallel.ForAsync(0, Workers, async (worker, _) =>
        {
            var mutator = new BodyMutator(_seeds.Value, worker);
            for (var i = 0; i < Bodies * 9 / 10 / Workers; i++)
            {
                var (genuine, bent) = mutator.Next();
                var verdict = SnsEnvelope.Read(bent, out var envelope) ?? await verifier!.CheckAsync(envelope!, "network", CancellationToken.None);
                verdicts.AddOrUpdate($"{verdict}", 1, (_, n) => n + 1);
                if (verdict is null)
                    AssertSameAsSome(envelope!, Encoding.UTF8.GetString(bent));
                else
                    Assert.True(verdict.Value.StatusCode() < 500 || verdict == Refusal.Certificate, $"{verdict}");
                Assert.NotEmpty(genuine);
            }
        });

        // The mutations reach every check there is, or they prove little.
        Refusal?[] reached = [null, Refusal.Malformed, Refusal.UnknownType, Refusal.ForeignTopic, Refusal.SignatureVersion,
            Refusal.SignatureShape, Refusal.CertificateUrl, Refusal.Signature];
        Assert.All(reached, r => Assert.True(verdicts.GetValueOrDefault($"{r}") > 20, $"{r}: {string.Join(", ", verdicts)}"));
    }

    [Fact]
    public async Task W01To28_BentBodiesThroughHttp_HaveNoOtherAnswers()
    {
        ConcurrentDictionary<HttpStatusCode, int> answers = new();
        await Parallel.ForAsync(0, Workers, async (worker, _) =>
        {
            var mutator = new BodyMutator(_seeds.Value, 1_000 + worker);
            for (var i = 0; i < Bodies / 10 / Workers; i++)
                answers.AddOrUpdate(await shared.Webhook.PostAsync(mutator.Next().Bent), 1, (_, n) => n + 1);
        });

        HttpStatusCode[] known = [HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.Forbidden, HttpStatusCode.ServiceUnavailable];
        Assert.All(answers.Keys, answer => Assert.Contains(answer, known));
        // An invented certificate is the only transient that a stranger can cause.
        Assert.Equal(answers.GetValueOrDefault(HttpStatusCode.ServiceUnavailable), shared.Webhook.Refused(Refusal.Certificate));
        Assert.Empty(shared.Logs.Errors);
        var seeds = _seeds.Value.Select(s => Read(s).MessageId).ToHashSet();
        Assert.DoesNotContain(await shared.Webhook.DeliveriesAsync(),
            d => d.TopicArn == shared.Topic.Arn && d.Type != SnsType.SubscriptionConfirmation && !seeds.Contains(d.MessageId));
    }

    /// <summary>What engines publish, bent before our topic signs it: the payload parsers meet it too.</summary>
    [Fact]
    public async Task W26_BentPayloadsOfOurTopic_AreTakenWithoutError()
    {
        var job = await shared.Webhook.AddRemoteJobAsync();
        byte[][] payloads = [.. new[]
        {
            EnginePayloads.MediaConvert(job, "COMPLETE", warnings: 1), EnginePayloads.MediaConvert(job, "ERROR", 1010), EnginePayloads.ElasticTranscoder(job, "COMPLETED"),
            EnginePayloads.ElasticTranscoder(job, "ERROR", 3001), EnginePayloads.MediaConvert(job, "STATUS_UPDATE"),
        }.Select(Encoding.UTF8.GetBytes)];
        var queue = shared.Webhook.App.Services.GetService(typeof(DeliveryQueue)) as DeliveryQueue;
        await Parallel.ForAsync(0, Workers, async (worker, _) =>
        {
            var mutator = new BodyMutator(payloads, 2_000 + worker);
            for (var i = 0; i < Bodies / 100 / Workers; i++)
            {
                var now = DateTimeOffset.UtcNow;
                Assert.Null(await queue!.AddAsync(new()
                {
                    TopicArn = "t", MessageId = $"{worker}-{i}", Type = SnsType.Notification, SignatureVersion = 2, SentAt = now, ReceivedAt = now,
                    RemoteAddress = null, Body = Encoding.UTF8.GetString(mutator.Next().Bent),
                }));
            }
        });
        Assert.Empty(shared.Logs.Errors);
        Assert.True((await shared.Webhook.MessagesAsync(job.Id)).Count <= 1);
    }

    private void AssertSameAsSome(SnsEnvelope envelope, string bent)
    {
        var original = _seeds.Value.Select(Read).SingleOrDefault(s => s.MessageId == envelope.MessageId);
        Assert.True(original is not null && original.SignedText().AsSpan().SequenceEqual(envelope.SignedText()), bent);
    }

    private static SnsEnvelope Read(byte[] body)
    {
        Assert.Null(SnsEnvelope.Read(body, out var envelope));
        return envelope!;
    }

    private static IEnumerable<SnsMessage> Seeds(SimulatedTopic topic)
    {
        foreach (var version in (string[])["1", "2"])
        {
            topic.SignatureVersion = version;
            yield return topic.Notification("hello");
            yield return topic.Notification("hello", "subject");
            yield return topic.Notification("{\"source\":\"aws.mediaconvert\",\"detail\":{}}\nTwo \"lines\", é 🎵");
            yield return topic.Confirmation("SubscriptionConfirmation");
            yield return topic.Confirmation("UnsubscribeConfirmation");
        }
    }
}
