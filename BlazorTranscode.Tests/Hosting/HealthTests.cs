using System.Net;
using System.Text.Json;
using BlazorTranscode.Data;
using BlazorTranscode.Hosting;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Hosting;

public sealed class HealthTests
{
    [Fact]
    public async Task Ready_WithAllItNeeds_NamesEachState()
    {
        await using var app = TestApp.Start(services: Engine(null));
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(app));
    }

    [Fact]
    public async Task Ready_WithoutItsDatabase_SaysSo_AndTheProcessLives()
    {
        await using var app = TestApp.Start(services: Engine(null));
        File.Delete(Path.Combine(app.DataFolder, "app.db"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "database"), await AskAsync(app));
        using var client = new HttpClient();
        Assert.Equal("Healthy", await StatusAsync(await client.GetAsync(new Uri(app.Address, Health.LivePath), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Ready_WithADatabaseThatCannotBeRead_SaysSo_AndRecovers()
    {
        await using var app = TestApp.Start(services: Engine(null));
        await using var thief = new SqliteConnection($"Data Source={Path.Combine(app.DataFolder, "app.db")};Pooling=False");
        await thief.OpenAsync(TestContext.Current.CancellationToken);
        await RunAsync(thief, "ALTER TABLE AspNetUsers RENAME TO Gone");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "database"), await AskAsync(app));
        await RunAsync(thief, "ALTER TABLE Gone RENAME TO AspNetUsers");
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(app));
    }

    /// <summary>F10: while somebody reads, SQLite cannot empty its log.</summary>
    [Fact]
    public async Task Ready_WithAReaderThatDoesNotEnd_SaysSo_AndTheLogShrinksAfterwards()
    {
        await using var app = TestApp.Start(services: Engine(null));
        await using var db = await app.OpenDatabaseAsync();
        await db.Database.ExecuteSqlRawAsync("CREATE TABLE Bulk (Bytes); INSERT INTO Bulk VALUES (zeroblob(20000000))", TestContext.Current.CancellationToken);
        await using (var reader = new SqliteConnection($"Data Source={Path.Combine(app.DataFolder, "app.db")};Pooling=False"))
        {
            await reader.OpenAsync(TestContext.Current.CancellationToken);
            await RunAsync(reader, "BEGIN; SELECT count(*) FROM Bulk");
            await WriteAsync(300);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "database"), await AskAsync(app));
        }

        await WriteAsync(60);
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(app));

        async Task WriteAsync(int megabytes)
        {
            for (var written = 0; written < megabytes; written += 20)
                await db.Database.ExecuteSqlRawAsync("UPDATE Bulk SET Bytes = randomblob(20000000)", TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Ready_WithADiskThatIsNearlyFull_SaysSo()
    {
        await using var app = TestApp.Start(new() { ["Storage:ReserveBytes"] = $"{long.MaxValue}" }, Engine(null));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "disk"), await AskAsync(app));
    }

    [Fact]
    public async Task Ready_WithKeysThatCannotBeWritten_SaysSo()
    {
        await using var app = TestApp.Start(services: services =>
        {
            Engine(null)(services);
            services.AddSingleton(new KeyFolder(new("/proc/self/task"), NullLoggerFactory.Instance)); // not even root can write there
        });
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "keys"), await AskAsync(app));
    }

    [Fact]
    public async Task Ready_WithoutItsEngine_SaysSo_AndTellsNoStrangerWhy()
    {
        await using var app = TestApp.Start(services: Engine("/usr/bin/ffmpeg is missing."));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "transcoder"), await AskAsync(app));
        Assert.DoesNotContain("/usr", await RawHttp.SendAsync(app.Address, RawHttp.Get(app.Address, Health.ReadyPath)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_WithoutItsMedia_SaysSo_AndTellsNoStrangerWhere()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = TestApp.Start(services: services =>
        {
            Engine(null)(services);
            services.AddSingleton<TimeProvider>(time);
        });
        Directory.Delete(Path.Combine(app.DataFolder, "media"), recursive: true);
        await Eventually.TrueAsync(async () =>
        {
            time.Advance(StorageWatch.Interval);
            return await AskAsync(app) == (HttpStatusCode.ServiceUnavailable, "storage");
        });
        Assert.DoesNotContain(app.DataFolder, await RawHttp.SendAsync(app.Address, RawHttp.Get(app.Address, Health.ReadyPath)), StringComparison.Ordinal);
    }

    private static Action<IServiceCollection> Engine(string? unavailable) => services => services.AddSingleton<ITranscoder>(
        provider => new ScriptedTranscoder(provider.GetRequiredService<IMediaStore>()) { Unavailable = unavailable });

    private static async Task RunAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The status, and which checks are not healthy.</summary>
    private static async Task<(HttpStatusCode Status, string Ill)> AskAsync(TestApp app)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(app.Address, Health.ReadyPath), TestContext.Current.CancellationToken);
        using var report = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var checks = report.RootElement.GetProperty("checks").EnumerateObject().ToList();
        Assert.Equal(["clock", "database", "disk", "keys", "ownership", "storage", "transcoder"], checks.Select(check => check.Name).Order());
        return (answer.StatusCode, string.Join(',', checks.Where(check => check.Value.GetProperty("status").GetString() != "Healthy").Select(check => check.Name)));
    }

    private static async Task<string?> StatusAsync(HttpResponseMessage answer)
    {
        using var report = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return report.RootElement.GetProperty("status").GetString();
    }
}
