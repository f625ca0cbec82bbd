using System.Runtime.Versioning;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Data;

/// <summary>The command <c>restore</c>, in a process of its own.</summary>
[SupportedOSPlatform("linux")]
public sealed class RestoreTests : IDisposable
{
    private readonly TempFolder _backups = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Backup => _backups.File("backup.db");

    public void Dispose() => _backups.Dispose();

    [Fact]
    public async Task Restore_PutsACopyBack_ThatWasMadeBesideARunningApp_AndKeepsWhatWasThere()
    {
        using var app = await AppProcess.StartAsync();
        await app.RegisterAsync("anna");
        Assert.Equal(0, (await app.CommandAsync("backup", Backup)).ExitCode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Backup));
        await app.RegisterAsync("bob");
        await app.KillAsync(); // which leaves bob in the log
        Assert.NotEqual(0, new FileInfo(Path.Combine(app.DataFolder, "app.db-wal")).Length);
        var counted = await File.ReadAllTextAsync(Path.Combine(app.DataFolder, "installation"), Token);

        var (exitCode, output, _) = await app.CommandAsync("restore", Backup);

        Assert.Equal(0, exitCode);
        Assert.Contains("1 accounts, 0 files", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(app.DataFolder, "app.db-wal")));
        Assert.Equal(counted, await File.ReadAllTextAsync(Path.Combine(app.DataFolder, "installation"), Token));
        var kept = Directory.GetFiles(app.DataFolder, "app.db.replaced-*").Single(file => !file.EndsWith("-wal", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal));
        Assert.Contains(kept, output, StringComparison.Ordinal);
        await app.StartAgainAsync();
        // It was copied a moment ago, within the hour that the app counts, and is noticed all the same.
        Assert.Contains("is older than its data folder", app.Log, StringComparison.Ordinal);
        Assert.Equal(["anna@example.org"], await UsersAsync(Path.Combine(app.DataFolder, "app.db")));
        Assert.Equal(["anna@example.org", "bob@example.org"], await UsersAsync(kept));
        Assert.True(File.Exists(Backup));
    }

    /// <summary>What <c>cp</c> makes of a running app: nearly all of it is in the log.</summary>
    [Fact]
    public async Task Restore_OfADatabaseWithItsLog_TakesBoth()
    {
        using var app = await AppProcess.StartAsync();
        await app.RegisterAsync("anna");
        File.Copy(Path.Combine(app.DataFolder, "app.db"), Backup);
        File.Copy(Path.Combine(app.DataFolder, "app.db-wal"), $"{Backup}-wal");
        await app.KillAsync();
        File.Delete(Path.Combine(app.DataFolder, "app.db"));
        Assert.Equal(0, await app.RunToItsEndAsync("restore", Backup));
        await app.StartAgainAsync();
        Assert.Equal(["anna@example.org"], await UsersAsync(Path.Combine(app.DataFolder, "app.db")));
        Assert.True(File.Exists($"{Backup}-wal"));
    }

    [Theory]
    [InlineData("restore-waits:1")]
    [InlineData("setting-aside:1")]
    [InlineData("setting-aside:2")]
    [InlineData("setting-aside:3")]
    public async Task Restore_ThatIsKilled_IsFinishedByTheNextStart(string at)
    {
        using var app = await AppProcess.StartAsync();
        await app.RegisterAsync("anna");
        Assert.Equal(0, (await app.CommandAsync("backup", Backup)).ExitCode);
        await app.RegisterAsync("bob");
        await app.KillAsync();
        app.Settings["CRASH_AT"] = at;
        Assert.NotInRange(await app.RunToItsEndAsync("restore", Backup), 0, 1);
        app.Settings.Remove("CRASH_AT");

        await app.StartAgainAsync();

        Assert.Equal(["anna@example.org"], await UsersAsync(Path.Combine(app.DataFolder, "app.db")));
        var kept = Directory.GetFiles(app.DataFolder, "app.db.replaced-*").Single(file => file.EndsWith('Z'));
        Assert.Equal(["anna@example.org", "bob@example.org"], await UsersAsync(kept));
    }

    [Fact]
    public async Task Restore_WhileAnAppRuns_IsRefused()
    {
        using var app = await AppProcess.StartAsync();
        await app.RegisterAsync("anna");
        Assert.Equal(0, (await app.CommandAsync("backup", Backup)).ExitCode);
        Assert.Contains("Another BlazorTranscode runs on the data folder", await app.RefusedAsync("restore", Backup), StringComparison.Ordinal);
        Assert.Equal(["anna@example.org"], await UsersAsync(Path.Combine(app.DataFolder, "app.db")));
        Assert.Empty(Directory.GetFiles(app.DataFolder, "*restor*"));
    }

    [Theory]
    [InlineData("missing", "There is no file")]
    [InlineData("text", "is damaged or no database")]
    [InlineData("empty", "is no database of BlazorTranscode")]
    [InlineData("foreign", "is no database of BlazorTranscode")]
    [InlineData("cut", "is damaged")]
    [InlineData("page", "is damaged")]
    [InlineData("newer", "was written by a newer version")]
    [InlineData("itself", "is the database itself")]
    public async Task Restore_OfWhatIsNoWholeDatabaseOfOurs_IsRefused_AndChangesNothing(string what, string sentence)
    {
        using var app = await AppProcess.StartAsync();
        await app.RegisterAsync("anna");
        Assert.Equal(0, (await app.CommandAsync("backup", Backup)).ExitCode);
        await app.StopAsync();
        await SpoilAsync(what);
        var database = Path.Combine(app.DataFolder, "app.db");
        var before = await File.ReadAllBytesAsync(database, Token);

        Assert.Contains(sentence, await app.RefusedAsync("restore", what == "itself" ? database : Backup), StringComparison.Ordinal);

        Assert.Equal(before, await File.ReadAllBytesAsync(database, Token));
        Assert.Equal(database, Assert.Single(Directory.GetFiles(app.DataFolder, "app.db*")));
    }

    private async Task SpoilAsync(string what)
    {
        switch (what)
        {
            case "missing":
                File.Delete(Backup);
                break;
            case "text":
                await File.WriteAllTextAsync(Backup, new string('x', 8192), Token);
                break;
            case "empty":
                await File.WriteAllTextAsync(Backup, "", Token);
                break;
            case "cut" or "page":
                await using (var file = File.Open(Backup, FileMode.Open))
                {
                    file.SetLength(what == "cut" ? file.Length / 2 : file.Length);
                    file.Seek(-4096, SeekOrigin.End);
                    file.Write(Enumerable.Repeat((byte)0xEE, 4096).ToArray());
                }

                break;
            case "foreign":
                File.Delete(Backup);
                await ChangeAsync("CREATE TABLE Songs (Id)");
                break;
            case "newer":
                await ChangeAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('20991231000000_Future', '12.0.0')""");
                break;
        }
    }

    private async Task ChangeAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Backup};Pooling=False");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task<List<string?>> UsersAsync(string database)
    {
        await using var db = new AppDbContext(
            (DbContextOptions<AppDbContext>)DesignTimeDatabase.Options($"Data Source={database};Pooling=False").Options);
        return await db.Users.Select(u => u.Email).OrderBy(email => email).ToListAsync(Token);
    }
}
