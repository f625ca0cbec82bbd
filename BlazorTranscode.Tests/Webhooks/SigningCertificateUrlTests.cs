using System.Net;
using BlazorTranscode.Webhooks;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>W22, T-WH-03 and T-WH-04: where a certificate may not come from. The address is not signed, so anybody can write anything.</summary>
public sealed class SigningCertificateUrlTests
{
    private const string Arn = "arn:aws:sns:eu-central-1:123456789012:transcodes";
    private const string File = "SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem";
    private const string Genuine = $"https://sns.eu-central-1.amazonaws.com/{File}";

    private static readonly string[] Bypasses =
    [
        "", "x", File, $"/{File}", $"//sns.eu-central-1.amazonaws.com/{File}",
        $"http://sns.eu-central-1.amazonaws.com/{File}",
        $"HTTPS://sns.eu-central-1.amazonaws.com/{File}",
        $"ftp://sns.eu-central-1.amazonaws.com/{File}",
        $"file:///tmp/{File}",
        $"https:sns.eu-central-1.amazonaws.com/{File}",
        $"https:/sns.eu-central-1.amazonaws.com/{File}",
        $"https:///sns.eu-central-1.amazonaws.com/{File}",
        $@"https:\\sns.eu-central-1.amazonaws.com\{File}",
        $"https://SNS.eu-central-1.amazonaws.com/{File}",
        $"https://sns.eu-central-1.amazonaws.com./{File}",
        $"https://sns.eu-central-1.amazonaws.com:443/{File}",
        $"https://sns.eu-central-1.amazonaws.com:8443/{File}",
        $"https://sns.eu-central-1.amazonaws.com@evil.example/{File}",
        $"https://evil.example@sns.eu-central-1.amazonaws.com/{File}",
        $"https://user:word@sns.eu-central-1.amazonaws.com/{File}",
        $"https://sns.eu-central-1.amazonaws.com.evil.example/{File}",
        $"https://evil.example/sns.eu-central-1.amazonaws.com/{File}",
        $"https://evil.example/?sns.eu-central-1.amazonaws.com/{File}",
        $"https://evil.example#sns.eu-central-1.amazonaws.com/{File}",
        $@"https://evil.example\@sns.eu-central-1.amazonaws.com/{File}",
        $"https://sns.eu-west-1.amazonaws.com/{File}",
        $"https://sns.amazonaws.com/{File}",
        $"https://sns.eu-central-1.amazonaws.com.cn/{File}",
        $"https://sns.s3-us-west-2.amazonaws.com/{File}",
        $"https://sns.s3-website-us-west-2.amazonaws.com/{File}",
        $"https://sns.execute-api.eu-central-1.amazonaws.com/{File}",
        $"https://s3.amazonaws.com/sns/{File}",
        $"https://sns.eu-central-1.api.aws/{File}",
        $"https://xsns.eu-central-1.amazonaws.com/{File}",
        $"https://sns.eu-central-1xamazonaws.com/{File}",
        $"https://sns.eu-central-1.amazonaws.co\u043c/{File}",
        $"https://sns.eu-central-1\u3002amazonaws.com/{File}",
        $"https://sns%2eeu-central-1.amazonaws.com/{File}",
        $"https://169.254.169.254/{File}",
        $"https://[::1]/{File}",
        $"{Genuine}?Action=ConfirmSubscription",
        $"{Genuine}?", $"{Genuine}#", $"{Genuine}#x.pem", $"{Genuine};x.pem", $"{Genuine}/", $"{Genuine}%00", $"{Genuine} ", $" {Genuine}",
        "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&x=.pem",
        $"https://sns.eu-central-1.amazonaws.com/../{File}",
        $"https://sns.eu-central-1.amazonaws.com/x/../{File}",
        $"https://sns.eu-central-1.amazonaws.com//{File}",
        $"https://sns.eu-central-1.amazonaws.com/x/{File}",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfd.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfdaa.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-7FF5318490EC183FBADDAA2A969ABFDA.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfdg.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-7ff5318490ec183f%61ddaa2a969abfda.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-\u0667ff5318490ec183fbaddaa2a969abfda.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.PEM",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfdaxpem",
        "https://sns.eu-central-1.amazonaws.com/simplenotificationservice-7ff5318490ec183fbaddaa2a969abfda.pem",
    ];

    /// <summary>Whatever the test endpoint is, it must not soften the rule for a real topic.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("http://127.0.0.1:9911")]
    public async Task W22_EveryBypass_Is403AndOpensNoSocket(string? testEndpoint)
    {
        var sockets = new CountingSockets { Forbidden = true };
        await using var webhook = await WebhookApp.StartAsync(
            new() { ["Sns:TopicArns:1"] = Arn }, services => sockets.Install(services), testEndpoint: testEndpoint);
        Assert.True(Bypasses.Length >= 40);

        foreach (var url in Bypasses.Append($"{webhook.Aws.Origin}{webhook.Aws.Signer.Path}").Append($"http://127.0.0.1:9911/{File}"))
        {
            var message = webhook.Topic.Notification("hello");
            message["TopicArn"] = Arn;
            webhook.Topic.Sign(message)["SigningCertURL"] = url;
            Assert.True(HttpStatusCode.Forbidden == await webhook.PostAsync(message), url);
        }

        Assert.Equal(0, sockets.Opened);
        Assert.Empty(await webhook.DeliveriesAsync());

        // The control: the one right address does make it try, so the counter counts.
        var genuine = webhook.Topic.Notification("hello");
        genuine["TopicArn"] = Arn;
        webhook.Topic.Sign(genuine)["SigningCertURL"] = Genuine;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await webhook.PostAsync(genuine));
        Assert.Equal(1, sockets.Opened);
    }

    [Theory]
    [InlineData("arn:aws:sns:us-east-1:123456789012:t", "sns.us-east-1.amazonaws.com", "sns.amazonaws.com")]
    [InlineData("arn:aws:sns:eu-south-2:123456789012:t", "sns.eu-south-2.amazonaws.com", "sns-signing.eu-south-2.amazonaws.com")]
    [InlineData("arn:aws-cn:sns:cn-north-1:123456789012:t", "sns.cn-north-1.amazonaws.com.cn", "sns-cn-north-1.amazonaws.com.cn")]
    [InlineData("arn:aws-us-gov:sns:us-gov-east-1:123456789012:t", "sns.us-gov-east-1.amazonaws.com", "sns-us-gov-west-1.amazonaws.com")]
    [InlineData("arn:aws-iso:sns:us-iso-east-1:123456789012:t", "sns.us-iso-east-1.c2s.ic.gov", "sns-us-iso-east-1.c2s.ic.gov")]
    [InlineData("arn:aws-iso-b:sns:us-isob-east-1:123456789012:t", "sns.us-isob-east-1.sc2s.sgov.gov", "sns-us-isob-east-1.sc2s.sgov.gov")]
    [InlineData("arn:aws-iso-f:sns:us-isof-east-1:123456789012:t", "sns.us-isof-east-1.csp.hci.ic.gov", "sns-signing.us-isof-east-1.csp.hci.ic.gov")]
    [InlineData("arn:aws-eusc:sns:eusc-de-east-1:123456789012:t", "sns.eusc-de-east-1.amazonaws.eu", "sns-signing.eusc-de-east-1.amazonaws.eu")]
    public void Topic_KnowsTheHostAndTheNameInTheCertificate(string arn, string host, string name)
    {
        Assert.True(SnsTopic.TryParse(arn, out var topic));
        Assert.Equal((host, name), (topic.Host, topic.CertificateName));
        Assert.True(SigningCertificateUrl.IsTrusted($"https://{host}/{File}", topic, null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("arn:aws:sqs:us-east-1:123456789012:t")]
    [InlineData("arn:aws:sns:us-east-1:123456789012:t\n")]
    [InlineData("arn:aws:sns:evil.example/:123456789012:t")]
    [InlineData("arn:aws:sns::123456789012:t")]
    [InlineData("arn:moon:sns:us-east-1:123456789012:t")]
    [InlineData("arn:aws:sns:us-east-1:123:t")]
    [InlineData("arn:aws:sns:us-east-1:123456789012:t:8d7e")]
    public void Topic_NotAnArn_IsNotOne(string arn) => Assert.False(SnsTopic.TryParse(arn, out _));
}
