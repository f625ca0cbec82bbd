using System.Net;
using BlazorTranscode.Data;
using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Uploads;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>Another program holds SQLite's lock: what writes waits, and everything else goes on.</summary>
public sealed class BusyDatabaseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>In a process of its own, which has as many threads as a machine of two cores gives it.</summary>
    [Fact]
    public async Task Lock_ThatAShellHolds_DelaysUploads_AndStopsNothingElse()
    {
        using var app = await AppProcess.StartAsync(new() { ["DOTNET_PROCESSOR_COUNT"] = "2" });
        var tus = new TusClient(await app.RegisterAsync("anna"));
        Task<string>[] begun;
        await using (await HoldAsync(app.DataFolder))
        {
            begun = [.. Enumerable.Range(0, 40).Select(i => tus.CreateAsync(1000, $"{i}.mp3"))];
            using var client = new HttpClient { BaseAddress = app.Address };
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal("Healthy", (await client.GetStringAsync(Health.LivePath, Token)).Split('"')[3]);
                await timer.WaitForNextTickAsync(Token);
            }

            Assert.DoesNotContain(begun, upload => upload.IsCompleted);
        }

        Assert.Equal(40, (await Task.WhenAll(begun)).Distinct().Count());
    }

    [Fact]
    public async Task Lock_ThatDoesNotEnd_IsAnsweredWith503InWords_AndNotLoggedAsAFault()
    {
        var log = new LogCollector();
        await using var app = TestApp.Start(new() { ["Accounts:Registration"] = "Open" }, services =>
        {
            log.Install(services);
            services.AddSingleton(new WriteGate(TimeProvider.System, NullLogger<WriteGate>.Instance) { Patience = TimeSpan.FromSeconds(1) });
        });
        var anna = await app.CreateUserAsync("anna");
        await using (await HoldAsync(app.DataFolder))
        {
            using var page = await RegisterAsync(app);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
            Assert.Contains("The database is busy", await page.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
            using var upload = await new TusClient(anna).PostAsync(1000, TusClient.Metadata("song.mp3"));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "10"), (upload.StatusCode, upload.Headers.RetryAfter?.ToString()));
        }

        Assert.DoesNotContain(log.Errors, line => line.Contains("unhandled exception", StringComparison.Ordinal));
        using var again = await RegisterAsync(app);
        Assert.Equal(HttpStatusCode.Found, again.StatusCode);
    }

    private static Task<HttpResponseMessage> RegisterAsync(TestApp app) => app.CreateBrowserlessClient().Client.PostFormAsync("account/register", new()
    {
        ["Input.Email"] = "ben@example.org", ["Input.Password"] = TestUsers.Password, ["Input.Repeat"] = TestUsers.Password,
    });

    /// <summary>Ends with the disposal.</summary>
    private static async Task<SqliteConnection> HoldAsync(string dataFolder)
    {
        var shell = new SqliteConnection($"Data Source={Path.Combine(dataFolder, "app.db")};Pooling=False");
        await shell.OpenAsync(Token);
        await using var command = shell.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync(Token);
        return shell;
    }
}
