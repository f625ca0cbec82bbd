using System.Net;
using BlazorTranscode.Hosting;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>What the operator reads.</summary>
public sealed class LogTests
{
    private static readonly FakeTimeProvider Time = new(new(2026, 11, 30, 20, 17, 53, 123, TimeSpan.FromHours(0)));

    [Fact]
    public void Entry_IsOneLine_WithTheTimeInUtc() =>
        Assert.Equal("2026-11-30T20:17:53.123Z warn Category: Upload a  fail: forged has arrived\n", Write("Upload a\r\nfail: forged has arrived", null));

    [Fact]
    public void Entry_OfAnOutage_HasItsReasonAndNoStackTrace() => Assert.Equal(
        "2026-11-30T20:17:53.123Z warn Category: The size could not be found out: Connection refused (localhost:1)\n",
        Write("The size could not be found out", Thrown(new HttpRequestException("Connection refused (localhost:1)"))));

    [Fact]
    public void Entry_OfABug_HasItsStackTrace_Indented()
    {
        var lines = Write("It broke", Thrown(new InvalidOperationException("one\nfail: forged"))).TrimEnd().Split('\n');
        Assert.Contains("   at ", lines[^1], StringComparison.Ordinal);
        Assert.All(lines[1..], line => Assert.StartsWith("    ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_NamesTheVersionInItsFirstLine()
    {
        using var app = await AppProcess.StartAsync();
        Assert.Matches(@"^\d{4}-\d\d-\d\dT[\d:.]+Z info [\w.]+: BlazorTranscode \d+\.\d+\.\d+", app.Log.Split('\n')[0]);
    }

    [Fact]
    public async Task Requests_ThatMeetAnOutage_AreToldToTryAgain_AndWriteOneLine()
    {
        using var logs = new LogCollector();
        await using var app = TestApp.Start(services: services =>
        {
            logs.Install(services);
            services.AddScoped<IAuthenticationService, Away>();
        });
        using var client = new HttpClient { BaseAddress = app.Address };
        var before = logs.Lines.Count;
        for (var i = 0; i < 3; i++)
        {
            using var answer = await client.GetAsync(new Uri("away", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "10"), (answer.StatusCode, answer.Headers.RetryAfter?.ToString()));
            Assert.DoesNotContain("s3.internal", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        Assert.Contains("s3.internal", Assert.Single(logs.Lines.Skip(before), line => line.Level >= LogLevel.Warning).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", Health.ReadyPath, null)]
    [InlineData("GET", "/account/login", "bt-form=CfDJ8garbage; bt-session=garbage")]
    [InlineData("POST", "/account/login", "bt-form=CfDJ8garbage")]
    public async Task Request_OfAStranger_WritesNothing(string method, string path, string? cookie)
    {
        using var logs = new LogCollector();
        await using var app = TestApp.Start(new() { ["Ffmpeg:Path"] = "/nowhere/ffmpeg" }, logs.Install);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        await Eventually.TrueAsync(async () =>
        {
            using var ready = await client.GetAsync(new Uri(app.Address, Health.ReadyPath), TestContext.Current.CancellationToken);
            return ready.StatusCode == HttpStatusCode.ServiceUnavailable;
        });
        var before = logs.Lines.Count;
        using var request = new HttpRequestMessage(new(method), new Uri(app.Address, path));
        request.Headers.Accept.ParseAdd("text/html");
        if (cookie is not null)
            request.Headers.Add("Cookie", cookie);
        if (method == "POST")
            request.Content = new FormUrlEncodedContent([new("_handler", "login"), new("__RequestVerificationToken", "garbage")]);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Empty(logs.Lines.Skip(before));
    }

    private static string Write(string message, Exception? exception)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        new LogLines(Time).Write(new LogEntry<string>(LogLevel.Warning, "Category", default, message, exception, (text, _) => text), null, writer);
        return writer.ToString();
    }

    private static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }

    /// <summary>The store is away for one address.</summary>
    private sealed class Away(
        IAuthenticationSchemeProvider schemes, IAuthenticationHandlerProvider handlers, IClaimsTransformation transform, IOptions<AuthenticationOptions> options)
        : AuthenticationService(schemes, handlers, transform, options)
    {
        public override Task<AuthenticateResult> AuthenticateAsync(HttpContext context, string? scheme) =>
            context.Request.Path == "/away" ? throw new StorageUnavailableException("The S3 store could not be asked: s3.internal refuses.") : base.AuthenticateAsync(context, scheme);
    }
}
