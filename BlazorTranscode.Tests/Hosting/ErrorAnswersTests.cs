using System.Net;
using System.Net.Http.Headers;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Hosting;

public sealed class ErrorAnswersTests
{
    private const string Secret = "the password of the database is swordfish";

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Fault_OnAPage_ShowsThePageOfErrorsWithoutDetails(string method)
    {
        using var answer = await AskAsync(method, "/explode", "text/html");
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("Something went wrong", page, StringComparison.Ordinal);
        Assert.DoesNotContain("swordfish", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("*/*")]
    public async Task Fault_ForAProgram_IsAProblemWithoutDetails(string accept)
    {
        using var answer = await AskAsync("POST", "/explode", accept);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("swordfish", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_OfNothing_ShowsAPersonThePageAndAProgramNothing()
    {
        using var person = await AskAsync("GET", "/nothing", "text/html");
        Assert.Equal(HttpStatusCode.NotFound, person.StatusCode);
        Assert.Equal("text/html", person.Content.Headers.ContentType?.MediaType);
        using var program = await AskAsync("GET", "/nothing", "*/*");
        Assert.Equal(HttpStatusCode.NotFound, program.StatusCode);
        Assert.Equal(0, program.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("POST", "/webhooks/sns", HttpStatusCode.NotFound)]
    [InlineData("POST", "/nothing", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PUT", "/health/live", HttpStatusCode.OK)]
    [InlineData("POST", "/_blazor/negotiate", HttpStatusCode.Forbidden)]
    public async Task Refusal_ThatIsNoPage_KeepsItsStatus(string method, string path, HttpStatusCode status)
    {
        using var answer = await AskAsync(method, path, "text/html");
        Assert.Equal(status, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> AskAsync(string method, string path, string accept)
    {
        await using var app = TestApp.Start(new() { ["environment"] = "Production" }, services => services.AddScoped<IAuthenticationService, Exploding>());
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(new(method), new Uri(app.Address, path));
        if (request.Method == HttpMethod.Post)
            request.Content = new FormUrlEncodedContent([new("field", "value")]);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        await answer.Content.LoadIntoBufferAsync(TestContext.Current.CancellationToken);
        return answer;
    }

    /// <summary>A fault somewhere behind the first middleware.</summary>
    private sealed class Exploding(
        IAuthenticationSchemeProvider schemes, IAuthenticationHandlerProvider handlers, IClaimsTransformation transform, IOptions<AuthenticationOptions> options)
        : AuthenticationService(schemes, handlers, transform, options)
    {
        public override Task<AuthenticateResult> AuthenticateAsync(HttpContext context, string? scheme) =>
            context.Request.Path == "/explode" ? throw new InvalidOperationException(Secret) : base.AuthenticateAsync(context, scheme);
    }
}
