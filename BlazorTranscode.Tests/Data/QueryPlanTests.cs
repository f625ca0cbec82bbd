using System.Data.Common;
using BlazorTranscode.Data;
using BlazorTranscode.Library;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Data;

/// <summary>What is asked for each tab or every few seconds must not read every row that there ever was.</summary>
public sealed class QueryPlanTests : IAsyncDisposable
{
    private readonly PlanWatch _plans = new();
    private readonly TestApp _app;

    public QueryPlanTests() => _app = TestApp.Start(services: services =>
    {
        services.ConfigureDbContext<AppDbContext>(options => options.AddInterceptors(_plans));
        services.AddSingleton<ITranscoder>(provider => new ScriptedTranscoder(provider.GetRequiredService<IMediaStore>()));
    });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task OverdueJobs_AreFoundWithoutReadingThoseThatHaveEnded()
    {
        await ActivatorUtilities.CreateInstance<Reconciler>(_app.Services).ReconcileAsync(Token);
        Assert.Contains(_plans.Of("TranscodeJobs", "NextCheckAt"), step => step.Contains("IX_TranscodeJobs_Engine_NextCheckAt (Engine=? AND NextCheckAt>?)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task News_IsFoundFromTheLastVersionOn()
    {
        await using (var db = await _app.OpenDatabaseAsync())
            await db.SendAsync(_app.Get<MessageFeed>(), SampleRows.NewMessage("anna"));
        await _app.Get<MessageStore>().ChangesAsync("anna", 0, Token);
        Assert.Contains(_plans.Of("Messages", "Version"), step => step.Contains("(OwnerId=? AND Version>?)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unread_IsFoundAmongOnesOwn()
    {
        await _app.Get<MessageStore>().UnreadAsync("anna", Token);
        Assert.Contains(_plans.Of("Messages", "ReadAt"), step => step.Contains("IX_Messages_OwnerId_Version_ReadAt_RemovedAt (OwnerId=?)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NextTurn_IsFoundAtTheEndsOfIndexes()
    {
        await using var db = await _app.OpenDatabaseAsync();
        await JobOrder.NextTurnAsync(db, "anna", Token);
        var steps = _plans.Of("TranscodeJobs", "StartedAt");
        Assert.Equal(6, steps.Count(step => step.StartsWith("SEARCH TranscodeJobs USING", StringComparison.Ordinal)));
        Assert.DoesNotContain(steps, step => step.StartsWith("SCAN TranscodeJobs", StringComparison.Ordinal) || step.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PlaceInLine_IsCountedAmongWhatWaits()
    {
        await using (var db = await _app.OpenDatabaseAsync())
            await db.AddJobAsync("anna");
        await _app.Get<LibraryStore>().ListAsync("anna", null, 10, Token);
        Assert.Contains(_plans.Of("AudioFiles", "Turn"), step => step.Contains("IX_TranscodeJobs_State_Turn_CreatedAt (State=? AND Turn<?)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DueJobs_AreFoundInTheirOrder()
    {
        await using var db = await _app.OpenDatabaseAsync();
        _ = await db.TranscodeJobs.WhereDue(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5)).OrderBy(j => j.Turn).ThenBy(j => j.CreatedAt).FirstOrDefaultAsync(Token);
        var steps = _plans.Of("TranscodeJobs", "NotBefore");
        Assert.Contains(steps, step => step.Contains("IX_TranscodeJobs_State_Turn_CreatedAt (State=?)", StringComparison.Ordinal));
        Assert.DoesNotContain(steps, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    /// <summary>Asks SQLite how it would answer each query before it is answered.</summary>
    private sealed class PlanWatch : DbCommandInterceptor
    {
        private readonly List<(string Sql, List<string> Steps)> _plans = [];

        /// <summary>The steps of the last query of this table whose condition names this column.</summary>
        public List<string> Of(string table, string column)
        {
            lock (_plans)
            {
                return _plans.Last(p => p.Sql.Contains($"FROM \"{table}\"", StringComparison.Ordinal)
                    && p.Sql[p.Sql.IndexOf("WHERE", StringComparison.Ordinal)..].Contains($"\"{column}\"", StringComparison.Ordinal)).Steps;
            }
        }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.Contains("WHERE", StringComparison.Ordinal))
            {
                lock (_plans)
                    _plans.Add((command.CommandText, Explain(command)));
            }

            return ValueTask.FromResult(result);
        }

        private static List<string> Explain(DbCommand command)
        {
            using var explain = command.Connection!.CreateCommand();
            explain.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
            explain.Transaction = command.Transaction;
            foreach (DbParameter parameter in command.Parameters)
            {
                var copy = explain.CreateParameter();
                (copy.ParameterName, copy.Value) = (parameter.ParameterName, parameter.Value);
                explain.Parameters.Add(copy);
            }

            List<string> steps = [];
            using var reader = explain.ExecuteReader();
            while (reader.Read())
                steps.Add(reader.GetString(3));
            return steps;
        }
    }
}
