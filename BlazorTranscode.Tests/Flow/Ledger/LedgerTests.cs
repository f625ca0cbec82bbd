using System.Globalization;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Flow.Ledger;

/// <summary>
/// Three people upload, close alerts and delete files while the app is killed, stopped, given an older database and left without a disk or a
/// store, in an order that a seed decides. In the end everything that was acknowledged is held against what is there.
/// <c>KILLS=300 SEED=1 ./test --filter-class '*LedgerTests'</c> makes the run longer.
/// </summary>
public sealed class LedgerTests(ITestOutputHelper output) : IDisposable
{
    private const long Reserve = 64L << 20;

    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("KILLS") ?? "5", CultureInfo.InvariantCulture);
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("SEED") ?? "1", CultureInfo.InvariantCulture);

    private readonly Ledger _ledger = new();
    private readonly Random _random = new(Seed);
    private readonly RamDisk _disk = new(2L << 30);
    private readonly TempFolder _copies = new();
    private int _kills, _copiedAt;
    private string? _copy;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _disk.Dispose();
        _copies.Dispose();
    }

    [Fact]
    public async Task KillsRestoresAndAFullDisk_WhilePeopleWork_LoseDoubleMixUpAndHoldUpNothing()
    {
        using var app = await AppProcess.StartAsync(new()
        {
            ["Data__Folder"] = _disk.Path, ["Storage__ReserveBytes"] = $"{Reserve}", ["Transcoding__RetryDelay"] = "00:00:01",
        });
        TestUser[] people = [await app.RegisterAsync("anna"), await app.RegisterAsync("ben"), await app.RegisterAsync("cleo")];
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task[] work =
        [
            .. people.Select((person, i) => new Uploader(person, _ledger, Seed + i).RunAsync(end.Token)),
            .. people.Select((person, i) => new Reader(person, app.Address, _ledger, Seed + i).RunAsync(end.Token)),
        ];

        for (var round = 0; _kills < Kills; round++)
        {
            await Task.WhenAny([Task.Delay(_random.Next(3000), Token), .. work]);
            await Task.WhenAll(work.Where(task => task.IsCompleted)); // Nobody has ended their work, unless it went wrong.
            await HappenAsync(app, round);
        }

        await end.CancelAsync();
        await Task.WhenAll(work);
        await Eventually.TrueAsync(() => HasSettledAsync(app), TimeSpan.FromMinutes(10));
        var findings = await new LedgerAudit(app, _ledger).FindAsync(Token);
        output.WriteLine(
            $"Seed {Seed}: {_kills} kills, {_ledger.Forgotten.Count} restores, {_ledger.Uploads.Count} uploads, {_ledger.Closed.Count} closings, "
            + $"{_ledger.Deleted.Count} deletions acknowledged. {findings.Summary}");
        Assert.True(findings.Problems.Count == 0, string.Join('\n', findings.Problems) + "\n" + app.Log);
    }

    /// <summary>One of what can happen to an app. The first rounds have one of each, later ones mostly kills.</summary>
    private Task HappenAsync(AppProcess app, int round) => (round < 6 ? round : _random.Next(6, 42)) switch
    {
        1 or 6 => FillDiskAsync(),
        2 or 7 => CopyAsync(app),
        3 or 8 => RestoreAsync(app),
        4 or 9 or 10 => StopAsync(app),
        5 or 11 => TakeStoreAwayAsync(app),
        > 30 => KillEarlyAsync(app),
        _ => KillAsync(app),
    };

    private async Task KillAsync(AppProcess app)
    {
        await app.KillAsync();
        _kills++;
        await app.StartAgainAsync();
    }

    /// <summary>A second kill strikes while the app starts.</summary>
    private async Task KillEarlyAsync(AppProcess app)
    {
        await app.KillAsync();
        app.Launch();
        await Task.Delay(_random.Next(50, 2000), Token);
        await app.KillAsync();
        _kills += 2;
        await app.StartAgainAsync();
    }

    private static async Task StopAsync(AppProcess app)
    {
        Assert.Equal(0, await app.StopAsync());
        Assert.False(File.Exists(Path.Combine(app.DataFolder, "app.db-wal")));
        await app.StartAgainAsync();
    }

    private async Task FillDiskAsync()
    {
        _disk.Fill();
        await Task.Delay(_random.Next(500, 3000), Token);
        _disk.MakeRoom();
    }

    /// <summary>As a disk or a share that is not there for a while.</summary>
    private async Task TakeStoreAwayAsync(AppProcess app)
    {
        var (media, elsewhere) = (Path.Combine(app.DataFolder, "media"), Path.Combine(app.DataFolder, "elsewhere"));
        Directory.Move(media, elsewhere);
        await Task.Delay(_random.Next(500, 3000), Token);
        Directory.Move(elsewhere, media);
    }

    private async Task CopyAsync(AppProcess app)
    {
        // What is acknowledged while the copy is made may be in it or not; it counts as later.
        var before = _ledger.Now;
        var copy = _copies.File($"{Guid.NewGuid():N}.db");
        await using (var db = app.CreateDbContext())
            await db.Database.ExecuteSqlAsync($"VACUUM INTO {copy}", Token);
        (_copy, _copiedAt) = (copy, before);
    }

    private async Task RestoreAsync(AppProcess app)
    {
        if (_copy is null)
            return;
        await app.KillAsync();
        _kills++;
        Assert.Equal(0, await app.RunToItsEndAsync("restore", _copy));
        _ledger.Forgotten.Add((_copiedAt, _ledger.Now));
        await app.StartAgainAsync();
    }

    private static async Task<bool> HasSettledAsync(AppProcess app)
    {
        await using var db = app.CreateDbContext();
        return !await db.TranscodeJobs.AnyAsync(job => job.State < JobStates.FirstTerminal, Token);
    }
}
