using BlazorTranscode.Data;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Data;

/// <summary>Writes of one process begin in the order in which they came, and waiting for that costs no thread.</summary>
public sealed class WriteTurnsTests : IDisposable
{
    private readonly TestDatabase _database = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Writes_OfEachKind_BeginInTheOrderInWhichTheyCame()
    {
        await using var holder = _database.CreateDbContext();
        await holder.Database.ExecuteSqlRawAsync("""
            CREATE TABLE "Order" ("Id" INTEGER PRIMARY KEY, "Number" TEXT);
            CREATE TRIGGER inserted AFTER INSERT ON "AspNetUsers" BEGIN INSERT INTO "Order" ("Number") VALUES (NEW."Id"); END;
            CREATE TRIGGER updated AFTER UPDATE ON "AspNetUsers" BEGIN INSERT INTO "Order" ("Number") VALUES (NEW."PhoneNumber"); END;
            """, Token);
        await AddAsync(holder, "old");
        Task[] writes;
        await using (await holder.Database.BeginTransactionAsync(Token))
        {
            writes = [.. Enumerable.Range(0, 20).Select(WriteAsync)];
            Assert.DoesNotContain(writes, write => write.IsCompleted);
        }

        await Task.WhenAll(writes);
        Assert.Equal(
            ["old", .. Enumerable.Range(0, writes.Length).Select(i => $"{i}")],
            await holder.Database.SqlQueryRaw<string>("""SELECT "Number" AS "Value" FROM "Order" ORDER BY "Id" """).ToListAsync(Token));

        async Task WriteAsync(int number)
        {
            await using var db = _database.CreateDbContext();
            Func<Task>[] ways =
            [
                () => AddAsync(db, $"{number}"),
                () => AddInTransactionAsync(db, $"{number}"),
                () => db.Users.Where(u => u.Id == "old").ExecuteUpdateAsync(set => set.SetProperty(u => u.PhoneNumber, $"{number}"), Token),
                () => db.Database.ExecuteSqlAsync($"""UPDATE "AspNetUsers" SET "PhoneNumber" = {$"{number}"} WHERE "Id" = 'old'""", Token),
                () => db.Database.SqlQuery<string>(
                    $"""UPDATE "AspNetUsers" SET "PhoneNumber" = {$"{number}"} WHERE "Id" = 'old' RETURNING "Id" AS "Value" """).ToListAsync(Token),
            ];
            await ways[number % ways.Length]();
        }
    }

    /// <summary>The provider would sleep on the thread of each that asks, so that not even the first of these calls came back.</summary>
    [Fact]
    public async Task Writes_WhileAnotherProgramHoldsTheLock_HoldNoThread_AndSucceedAfterwards()
    {
        Task[] writes;
        await using (var shell = new SqliteConnection($"Data Source={_database.Path};Pooling=False"))
        {
            await shell.OpenAsync(Token);
            await using var held = await shell.BeginTransactionAsync(Token);
            writes = [.. Enumerable.Range(0, 40).Select(WriteAsync)];
            Assert.DoesNotContain(writes, write => write.IsCompleted);
        }

        await Task.WhenAll(writes);
        await using var after = _database.CreateDbContext();
        Assert.Equal(40, await after.Users.CountAsync(Token));

        async Task WriteAsync(int number)
        {
            await using var db = _database.CreateDbContext();
            await (number % 2 == 0 ? AddAsync(db, $"{number}") : AddInTransactionAsync(db, $"{number}"));
        }
    }

    [Theory]
    [InlineData("commit")]
    [InlineData("rollback")]
    [InlineData("dispose")]
    [InlineData("context")]
    [InlineData("statement")]
    [InlineData("deferred")]
    [InlineData("alone")]
    [InlineData("saved")]
    [InlineData("connection")]
    [InlineData("open")]
    public async Task Turn_HoweverItsWriteEnds_IsGivenToTheNext(string end)
    {
        var db = _database.CreateDbContext();
        await EndAsync(db, end);
        await using (var next = _database.CreateDbContext())
            await AddAsync(next, "next").WaitAsync(Eventually.Deadline / 2, Token);
        await db.DisposeAsync();
    }

    private static async Task EndAsync(AppDbContext db, string end)
    {
        if (end == "alone")
        {
            await Assert.ThrowsAsync<SqliteException>(() => db.Database.ExecuteSqlRawAsync("DELETE FROM Nothing", Token));
            return;
        }

        if (end == "saved")
        {
            db.Add(new AppUser { Id = "a", NormalizedUserName = "same" });
            db.Add(new AppUser { Id = "b", NormalizedUserName = "same" });
            await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync(Token));
            return;
        }

        if (end == "open")
            await db.Database.OpenConnectionAsync(Token);
        var transaction = await db.Database.BeginTransactionAsync(Token);
        switch (end)
        {
            case "commit":
                await transaction.CommitAsync(Token);
                break;
            case "rollback":
                await transaction.RollbackAsync(Token);
                break;
            case "context":
                await db.DisposeAsync();
                break;
            case "connection":
                await db.Database.GetDbConnection().CloseAsync();
                break;
            case "statement":
                await Assert.ThrowsAsync<SqliteException>(() => db.Database.ExecuteSqlRawAsync("DELETE FROM Nothing", Token));
                break;
            case "deferred":
                await db.Database.ExecuteSqlRawAsync(
                    """PRAGMA defer_foreign_keys = ON; INSERT INTO "AspNetUserRoles" ("UserId", "RoleId") VALUES ('none', 'none')""", Token);
                await Assert.ThrowsAsync<SqliteException>(() => transaction.CommitAsync(Token));
                break;
        }

        if (end is "dispose" or "statement" or "deferred" or "open")
            await transaction.DisposeAsync();
    }

    private static async Task AddAsync(AppDbContext db, string id)
    {
        db.Add(new AppUser { Id = id });
        await db.SaveChangesAsync(Token);
    }

    private static async Task AddInTransactionAsync(AppDbContext db, string id)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        await AddAsync(db, id);
        await transaction.CommitAsync(Token);
    }
}
