using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using BlazorTranscode.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>T-WH-08: genuine messages of AWS, with the clock at their time and their own certificate at its own address.</summary>
public sealed class VectorTests : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Webhooks", "Vectors");
    private static readonly string[] Files = [.. Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal)];

    private readonly FakeTimeProvider _time = new(new(2022, 7, 28, 21, 0, 0, TimeSpan.Zero));
    private WebhookApp _webhook = default!;

    public async ValueTask InitializeAsync()
    {
        Dictionary<string, string?> settings = [];
        foreach (var (i, file) in Files.Index())
            settings[$"Sns:TopicArns:{i + 1}"] = Fields(file)["TopicArn"];
        _webhook = await WebhookApp.StartAsync(settings, services =>
        {
            services.AddSingleton<TimeProvider>(_time);
            services.AddHttpClient(SigningCertificates.Client).ConfigurePrimaryHttpMessageHandler(() => new AmazonsCertificate());
        });
    }

    public ValueTask DisposeAsync() => _webhook.DisposeAsync();

    [Fact]
    public async Task GenuineMessages_AreAccepted()
    {
        Assert.Equal(4, Files.Length);
        foreach (var file in Files)
        {
            Fields(file);
            Assert.Equal(HttpStatusCode.OK, await _webhook.PostAsync(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)));
        }

        Assert.Equal(["1", "1", "2", "2"], (await _webhook.DeliveriesAsync()).Select(d => $"{d.SignatureVersion}").Order());
    }

    [Fact]
    public async Task GenuineMessages_WithAnyByteOfASignedValueChanged_AreRefused()
    {
        foreach (var file in Files)
        {
            var fields = Fields(file);
            foreach (var name in fields.Keys.Where(n => n is not ("UnsubscribeURL" or "SigningCertURL")))
            {
                for (var i = 0; i < fields[name].Length; i += Math.Max(1, fields[name].Length / 12))
                {
                    var bent = new Dictionary<string, string>(fields) { [name] = Flip(fields[name], i) };
                    var answer = await _webhook.PostAsync(JsonSerializer.SerializeToUtf8Bytes(bent));
                    var malformed = name is "Type" or "Timestamp" || (name == "Signature" && fields[name][i] == '=');
                    Assert.Equal(malformed ? HttpStatusCode.BadRequest : HttpStatusCode.Forbidden, answer);
                }
            }
        }

        Assert.Empty(await _webhook.DeliveriesAsync());
    }

    [Fact]
    public async Task GenuineMessages_WithASubjectAddedOrTaken_AreRefused()
    {
        foreach (var file in Files)
        {
            var fields = Fields(file);
            if (!fields.Remove("Subject"))
                fields["Subject"] = "Hello world";
            Assert.Equal(HttpStatusCode.Forbidden, await _webhook.PostAsync(JsonSerializer.SerializeToUtf8Bytes(fields)));
        }
    }

    private static string Flip(string text, int at) => text[..at] + (text[at] == 'x' ? 'y' : 'x') + text[(at + 1)..];

    /// <summary>The message, and the clock at the moment when it came.</summary>
    private Dictionary<string, string> Fields(string file)
    {
        var fields = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(file))!;
        _time.AdjustTime(DateTimeOffset.Parse(fields["Timestamp"], CultureInfo.InvariantCulture).AddSeconds(1));
        return fields;
    }

    private sealed class AmazonsCertificate : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("sns.us-east-2.amazonaws.com", request.RequestUri!.Host);
            var pem = await File.ReadAllTextAsync(Path.Combine(Folder, Path.GetFileName(request.RequestUri.AbsolutePath)), cancellationToken);
            return new(HttpStatusCode.OK) { Content = new StringContent(pem, Encoding.ASCII) };
        }
    }
}
