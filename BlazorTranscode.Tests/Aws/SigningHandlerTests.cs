using System.Net;
using Amazon.Runtime;
using BlazorTranscode.Aws;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Aws;

public sealed class SigningHandlerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly Uri Jobs = new("https://mediaconvert.eu-central-1.amazonaws.com/2017-08-29/jobs");

    [Fact]
    public async Task Send_ARolesCredentials_SendsTheTokenAndSignsIt()
    {
        using var aws = new Recorder(_ => new(HttpStatusCode.OK));
        using var http = Client(aws, new ImmutableCredentials("key", "secret", "token"));
        using var content = new StringContent("{}", null, "application/json");

        using var answer = await http.PostAsync(Jobs, content, TestContext.Current.CancellationToken);

        var sent = Assert.Single(aws.Requests);
        Assert.Equal("token", sent["x-amz-security-token"]);
        Assert.Equal("20260102T030405Z", sent["x-amz-date"]);
        Assert.Contains("Credential=key/20260102/eu-central-1/mediaconvert/aws4_request", sent["Authorization"], StringComparison.Ordinal);
        Assert.Contains("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token,", sent["Authorization"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_AgainAfterAWhile_SignsAnew()
    {
        var time = new FakeTimeProvider(Now);
        using var aws = new Recorder(_ => new(HttpStatusCode.OK));
        using var http = Client(aws, new ImmutableCredentials("key", "secret", null), time);

        await http.GetAsync(Jobs, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(30));
        await http.GetAsync(Jobs, TestContext.Current.CancellationToken);

        Assert.NotEqual(aws.Requests[0]["Authorization"], aws.Requests[1]["Authorization"]);
        Assert.DoesNotContain("x-amz-security-token", aws.Requests[0].Keys);
    }

    [Fact]
    public async Task Send_TheClockIsAnHourSlow_TakesAwsTimeFromTheRefusalAndKeepsIt()
    {
        using var aws = new Recorder(request =>
        {
            if (request.Headers.GetValues("x-amz-date").Single() == "20260102T040405Z")
                return new(HttpStatusCode.OK);
            var refusal = new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent("{\"message\":\"Signature expired\"}") };
            refusal.Headers.Add("x-amzn-ErrorType", "InvalidSignatureException");
            refusal.Headers.Date = Now.AddHours(1);
            return refusal;
        });
        using var http = Client(aws, new ImmutableCredentials("key", "secret", null));

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(Jobs, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(Jobs, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(3, aws.Requests.Count);
    }

    [Fact]
    public async Task Send_TheSecretIsWrong_AsksOnlyOnce()
    {
        using var aws = new Recorder(_ =>
        {
            var refusal = new HttpResponseMessage(HttpStatusCode.Forbidden);
            refusal.Headers.Add("x-amzn-ErrorType", "InvalidSignatureException");
            refusal.Headers.Date = Now.AddSeconds(10);
            return refusal;
        });
        using var http = Client(aws, new ImmutableCredentials("key", "secret", null));

        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync(Jobs, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Single(aws.Requests);
    }

    [Theory]
    [InlineData("eu-central-1", "https://mediaconvert.eu-central-1.amazonaws.com/")]
    [InlineData("cn-north-1", "https://mediaconvert.cn-north-1.amazonaws.com.cn/")]
    [InlineData("cn-northwest-1", "https://subscribe.mediaconvert.cn-northwest-1.amazonaws.com.cn/")]
    public void Endpoint_FollowsTheRegion(string region, string endpoint) =>
        Assert.Equal(endpoint, new AwsOptions { Region = region }.Endpoint("mediaconvert").AbsoluteUri);

    private static HttpClient Client(HttpMessageHandler aws, ImmutableCredentials credentials, TimeProvider? time = null) =>
        new(new SigningHandler("mediaconvert", "eu-central-1", () => Task.FromResult(credentials), time ?? new FakeTimeProvider(Now)) { InnerHandler = aws });

    private sealed class Recorder(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        public List<Dictionary<string, string>> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add(request.Headers.ToDictionary(h => h.Key, h => string.Join(' ', h.Value)));
            return Task.FromResult(answer(request));
        }
    }
}
