using System.Net;
using Amazon.Runtime;
using BlazorTranscode.Aws;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>What our signer signs, an independent verifier accepts; whatever is changed on the way, it refuses.</summary>
public sealed class SignatureVerifierTests
{
    private const string Path = "/2017-08-29/jobs/a%20b";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nothing", HttpStatusCode.NotFound)]
    [InlineData("body", HttpStatusCode.Forbidden)]
    [InlineData("header", HttpStatusCode.Forbidden)]
    [InlineData("path", HttpStatusCode.Forbidden)]
    [InlineData("query", HttpStatusCode.Forbidden)]
    [InlineData("token", HttpStatusCode.Forbidden)]
    [InlineData("unsigned", HttpStatusCode.Forbidden)]
    [InlineData("secret", HttpStatusCode.Forbidden)]
    [InlineData("service", HttpStatusCode.Forbidden)]
    [InlineData("time", HttpStatusCode.Forbidden)]
    public async Task Delete_ChangedOnItsWay_IsRefused(string change, HttpStatusCode expected)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var aws = await AwsSimulator.StartAsync(time);
        aws.Signatures.SessionToken = "token";
        var key = new ImmutableCredentials(SignatureVerifier.AccessKey, change is "secret" ? "wrong" : SignatureVerifier.SecretKey, "token");
        var clock = new FakeTimeProvider(time.GetUtcNow() - (change is "time" ? TimeSpan.FromMinutes(16) : TimeSpan.FromMinutes(3)));
        using var http = new HttpClient(new SigningHandler(change is "service" ? "sns" : "mediaconvert", "eu-central-1", () => Task.FromResult(key), clock)
        {
            InnerHandler = new Tamperer(change) { InnerHandler = new SocketsHttpHandler() },
        });
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri(aws.Origin + Path + "?b=2&a=1%2F&a=&c"));
        request.Content = new StringContent("{}", null, "application/json");

        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(expected, answer.StatusCode);
    }

    private sealed class Tamperer(string change) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var uri = request.RequestUri!.AbsoluteUri;
            switch (change)
            {
                case "body": request.Content = new StringContent("{ }", null, "application/json"); break;
                case "header": request.Content!.Headers.ContentType = new("text/plain"); break;
                case "path": request.RequestUri = new(uri.Replace("a%20b", "a%20c", StringComparison.Ordinal)); break;
                case "query": request.RequestUri = new(uri.Replace("b=2", "b=3", StringComparison.Ordinal)); break;
                case "token": request.Headers.Remove("x-amz-security-token"); break;
                case "unsigned": request.Headers.Remove("Authorization"); break;
                default: break;
            }

            var answer = await base.SendAsync(request, cancellationToken);
            // Without the date our signer cannot learn that its clock is wrong.
            answer.Headers.Date = null;
            return answer;
        }
    }
}
