using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>The simulator's messages before a judge that neither it nor the app has anything to do with: npm's sns-validator.</summary>
public sealed class SnsOracleTests
{
    [Fact]
    public async Task SimulatedMessages_AreValidToAnIndependentImplementation()
    {
        using var folder = new TempFolder();
        await folder.InstallAsync("sns-validator@0.3.5");
        await using var aws = await AwsSimulator.StartAsync();
        List<SnsMessage> messages = [];
        foreach (var version in (string[])["1", "2"])
        {
            foreach (var type in (string[])["Notification", "Notification with subject", "SubscriptionConfirmation"])
            {
                foreach (var text in (string[])["hello", "two\nlines \"quoted\"", "Grüße, 音楽 🎵", "\\u0041 \0 \u2028"])
                {
                    var message = SnsMessage.Of(type.Split(' ')[0], "arn:aws:sns:eu-central-1:123456789012:t", text, DateTimeOffset.UtcNow);
                    if (type.EndsWith("subject", StringComparison.Ordinal))
                        message["Subject"] = "A subject";
                    if (type == "SubscriptionConfirmation")
                        (message["Token"], message["SubscribeURL"]) = ("abc", "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription");
                    messages.Add(message.Sign(aws.Signer, "https://sns.eu-central-1.amazonaws.com", version));
                }
            }
        }

        var genuine = messages.Count;
        foreach (var message in messages.ToList())
        {
            var forged = new SnsMessage();
            foreach (var (name, value) in message.Fields)
                forged[name] = name == "Message" ? value + "!" : value;
            messages.Add(forged);
        }

        await File.WriteAllTextAsync(folder.File("pem"), aws.Signer.Pem, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("messages.json"), $"[{string.Join(',', messages.Select(m => m.ToJson()))}]", TestContext.Current.CancellationToken);
        var answers = await folder.AskAsync("BlazorTranscode.Tests/FakeAws/sns-oracle.js", folder.File("messages.json"), folder.File("pem"));

        Assert.All(answers[..genuine], answer => Assert.Equal("valid", answer));
        Assert.All(answers[genuine..], answer => Assert.Contains("signature", answer, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(2 * genuine, answers.Length);
    }
}
