using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Data;

/// <summary>The whole app started on a database of another version, killed while it changes it, or without room.</summary>
public sealed class MigrationStartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""INSERT INTO "__EFMigrationsHistory" VALUES ('20991231000000_Future', '12.0.0')""", "was written by a newer version of BlazorTranscode (20991231000000_Future")]
    [InlineData("""DELETE FROM "__EFMigrationsHistory" """, "has tables, but none of BlazorTranscode's versions")]
    [InlineData("""DROP TABLE "__EFMigrationsHistory" """, "has tables, but none of BlazorTranscode's versions")]
    [InlineData("""DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" LIKE '%Initial'""", "misses versions")]
    public async Task Start_OnADatabaseThatItDoesNotKnow_IsRefusedInASentence_AndChangesNothing(string change, string sentence)
    {
        using var app = await AppProcess.StartAsync();
        Assert.Equal(0, await app.StopAsync());
        await using (var db = app.CreateDbContext())
            await db.Database.ExecuteSqlRawAsync(change, Token);
        var before = await File.ReadAllBytesAsync(Path.Combine(app.DataFolder, "app.db"), Token);
        Assert.Equal(1, await app.RunToItsEndAsync());
        Assert.Contains(sentence, app.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", app.Log, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(app.DataFolder, "app.db"), Token));
    }

    /// <summary>A kill in EF Core's own migration leaves a row that no later one gets past.</summary>
    [Fact]
    public async Task Start_AfterAKillThatLeftEfCoresLock_Serves()
    {
        using var app = AppProcess.Create();
        await using (var db = app.CreateDbContext())
        {
            await OldRows.FillAsync(db, "SlimmerIndexes");
            await db.Database.ExecuteSqlRawAsync("""INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01 00:00:00+00:00')""", Token);
        }

        await app.StartAgainAsync();
    }

    [Theory]
    [InlineData("0", 20)]
    [InlineData("Initial", 12)]
    [InlineData("SlimmerIndexes", 10)]
    public async Task Start_AfterAKillInAMigration_Serves(string version, int at)
    {
        using var app = AppProcess.Create();
        await using (var db = app.CreateDbContext())
        {
            if (version != "0")
                await OldRows.FillAsync(db, version);
        }

        app.Settings["CRASH_AT"] = $"migrating:{at}";
        Assert.NotInRange(await app.RunToItsEndAsync(), 0, 1);
        app.Settings.Remove("CRASH_AT");
        await app.StartAgainAsync();
        await using var after = app.CreateDbContext();
        Assert.Equal(version == "0" ? 0 : 1, await after.Uploads.CountAsync(Token));
        Assert.Equal(version == "0" ? 0 : 1, Directory.GetFiles(app.DataFolder, "app.db.before-*").Length);
    }

    /// <summary>No file may be longer than a part of the database is.</summary>
    [Fact]
    public async Task Start_WithoutRoomForTheCopy_IsRefusedInASentence_AndChangesNothing()
    {
        using var app = AppProcess.Create(new() { ["DOTNET_EnableWriteXorExecute"] = "0" });
        app.Under = ["sh", "-c", "trap '' XFSZ; ulimit -f 512; exec \"$0\" \"$@\""];
        await using (var db = app.CreateDbContext())
        {
            await OldRows.FillAsync(db, "SlimmerIndexes");
            await db.Database.ExecuteSqlRawAsync("""UPDATE "Messages" SET "Text" = hex(zeroblob(500000))""", Token);
        }

        Assert.Equal(1, await app.RunToItsEndAsync());
        Assert.Contains("there is no room for a copy", app.Log, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(app.DataFolder, "app.db.before-*"));
        await using var after = app.CreateDbContext();
        Assert.Equal(2, (await after.Database.GetAppliedMigrationsAsync(Token)).Count());
    }
}
