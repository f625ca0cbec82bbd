using System.Xml;
using System.Xml.Linq;

namespace BlazorTranscode.Aws;

/// <summary>
/// The calls of Amazon SNS (API 2010-03-31) that this app makes. It stands in for <c>AmazonSimpleNotificationServiceClient</c> of the
/// package AWSSDK.SimpleNotificationService, which could not be restored when this was written, and has its names, so that it can be
/// swapped.
/// </summary>
internal sealed class SimpleNotificationServiceClient(HttpClient http)
{
    /// <summary>The service's name in signatures and host names.</summary>
    public const string Service = "sns";

    /// <summary>Confirms a subscription so that only somebody with our identity can end it.</summary>
    /// <exception cref="AwsServiceException">The service said no.</exception>
    public Task ConfirmSubscriptionAsync(string topicArn, string token, CancellationToken cancellationToken) =>
        CallAsync(
            new() { ["Action"] = "ConfirmSubscription", ["TopicArn"] = topicArn, ["Token"] = token, ["AuthenticateOnUnsubscribe"] = "true" }, cancellationToken);

    /// <summary>Asks for a subscription over HTTPS; it begins when the endpoint has confirmed it. Asking again changes nothing.</summary>
    /// <param name="attributes">Such as <c>DeliveryPolicy</c> and <c>RedrivePolicy</c>, as JSON.</param>
    /// <exception cref="AwsServiceException">The service said no.</exception>
    public Task SubscribeAsync(string topicArn, string endpoint, IReadOnlyDictionary<string, string> attributes, CancellationToken cancellationToken)
    {
        Dictionary<string, string> form = new()
        {
            ["Action"] = "Subscribe", ["TopicArn"] = topicArn, ["Protocol"] = new Uri(endpoint).Scheme, ["Endpoint"] = endpoint, ["ReturnSubscriptionArn"] = "true",
        };
        foreach (var (number, (name, value)) in attributes.Index())
            (form[$"Attributes.entry.{number + 1}.key"], form[$"Attributes.entry.{number + 1}.value"]) = (name, value);
        return CallAsync(form, cancellationToken);
    }

    private async Task CallAsync(Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        form["Version"] = "2010-03-31";
        using var content = new FormUrlEncodedContent(form);
        using var answer = await http.PostAsync("/", content, cancellationToken);
        if (answer.IsSuccessStatusCode)
            return;
        var (code, message) = ErrorIn(await answer.Content.ReadAsStringAsync(cancellationToken));
        throw new AwsServiceException("SNS", (int)answer.StatusCode, code, message);
    }

    private static (string Code, string Message) ErrorIn(string text)
    {
        try
        {
            var error = XDocument.Parse(text).Descendants().First(e => e.Name.LocalName is "Error");
            return (error.Elements().First(e => e.Name.LocalName is "Code").Value, error.Elements().First(e => e.Name.LocalName is "Message").Value);
        }
        catch (Exception e) when (e is XmlException or InvalidOperationException)
        {
            return ("", text[..Math.Min(text.Length, 300)]);
        }
    }
}
