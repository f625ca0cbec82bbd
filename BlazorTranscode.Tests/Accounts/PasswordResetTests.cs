using System.Diagnostics;
using System.Net;
using BlazorTranscode.Accounts;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Accounts;

public sealed class PasswordResetTests
{
    private const string New = "slow river under snow";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Link_SetsThePasswordOnceAndEndsALockout()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        await using var db = await app.OpenDatabaseAsync();
        await db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.LockoutEnd, DateTimeOffset.MaxValue), Cancel);
        var link = await MakeLinkAsync(app, ann.Id);
        var second = await MakeLinkAsync(app, ann.Id);

        Assert.Contains("at least 12 characters", await (await UseAsync(app, link, "short")).Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.EndsWith("/account/login?notice=password-set", (await UseAsync(app, link, New)).Headers.Location?.ToString(), StringComparison.Ordinal);

        var (client, _) = app.CreateBrowserlessClient();
        foreach (var used in new[] { link, second })
            Assert.Contains("This link was used already", await client.GetStringAsync(used, Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Found, (await client.PostFormAsync("account/login", new() { ["Input.Email"] = ann.Email, ["Input.Password"] = New })).StatusCode);
    }

    [Fact]
    public async Task Link_PostedTwiceAtOnce_SetsOnePassword()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");
        var link = await MakeLinkAsync(app, ann.Id);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => UseAsync(app, link, $"{New} {n}")));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?user=x&code=y")]
    [InlineData("?user=x&code=***")]
    public async Task Link_MadeUp_IsRefused(string query)
    {
        await using var app = TestApp.Start();

        var page = await app.CreateBrowserlessClient().Client.GetStringAsync("account/reset-password" + query, Cancel);

        Assert.Contains("This link was used already", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<input", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_OfSomebodyElse_IsRefused()
    {
        await using var app = TestApp.Start();
        var (ann, bob) = (await app.CreateUserAsync("ann"), await app.CreateUserAsync("bob"));
        var link = (await MakeLinkAsync(app, ann.Id)).ToString().Replace(ann.Id, bob.Id, StringComparison.Ordinal);

        Assert.Contains("This link was used already", await app.CreateBrowserlessClient().Client.GetStringAsync(link, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_BesideTheRunningServer_PrintsALinkThatItTakes()
    {
        await using var app = TestApp.Start();
        var ann = await app.CreateUserAsync("ann");

        var (code, output) = await RunAsync(app, ann.Email.ToUpperInvariant());

        Assert.Equal(0, code);
        var link = new Uri(output.Split('\n').Single(line => line.StartsWith("http", StringComparison.Ordinal)));
        Assert.Equal(app.Address.Authority, link.Authority);
        Assert.Equal(HttpStatusCode.Found, (await UseAsync(app, link, New)).StatusCode);
    }

    [Fact]
    public async Task Command_UnknownAddress_SaysSo()
    {
        await using var app = TestApp.Start();

        var (code, output) = await RunAsync(app, "nobody@example.org");

        Assert.Equal(1, code);
        Assert.Contains("There is no account with the address \"nobody@example.org\".", output, StringComparison.Ordinal);
    }

    private static async Task<Uri> MakeLinkAsync(TestApp app, string userId)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var user = await scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>().FindByIdAsync(userId);
        return await scope.ServiceProvider.GetRequiredService<PasswordResets>().MakeLinkAsync(user!, app.Address.ToString());
    }

    private static Task<HttpResponseMessage> UseAsync(TestApp app, Uri link, string password) => app.CreateBrowserlessClient().Client.PostFormAsync(
        link.PathAndQuery, new() { ["Input.Password"] = password, ["Input.Repeat"] = password });

    private static async Task<(int Code, string Output)> RunAsync(TestApp app, string email)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "reset-password", email])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Data__Folder"] = app.DataFolder;
        start.Environment["ASPNETCORE_URLS"] = $"http://0.0.0.0:{app.Address.Port}";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, await output + await error);
    }
}
