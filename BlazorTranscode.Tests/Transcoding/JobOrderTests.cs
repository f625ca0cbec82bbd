using BlazorTranscode.Audio;
using BlazorTranscode.Library;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using BlazorTranscode.Transcoding;
using CsCheck;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Transcoding;

/// <summary>People take turns, and the line that is shown is the line that is served.</summary>
public sealed class JobOrderTests : IDisposable
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);

    private readonly TestDatabase _database = new();
    private readonly ScriptedTranscoder _engine = new(null!); // nothing is converted here
    private DateTimeOffset _now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task OneFile_AfterFiveHundredOfSomebodyElse_IsServedAfterOneMore()
    {
        await AddAsync("ben", 500);
        await TakeAsync(); // it runs
        await AddAsync("anna", 1);

        Assert.Equal(["ben", "anna", "ben"], [await TakeAsync(), await TakeAsync(), await TakeAsync()]);
    }

    [Fact]
    public async Task TwoPeople_WithManyFiles_AreServedInTurn()
    {
        await AddAsync("ben", 20);
        await TakeAsync(5);
        await AddAsync("anna", 20);

        var served = await TakeAsync(20);
        Assert.InRange(served.Count(owner => owner == "anna"), 9, 10);
        Assert.DoesNotContain(served.Zip(served.Skip(1)), pair => pair.First == pair.Second);
    }

    [Fact]
    public async Task Somebody_WhoWasAwayForLong_HasNoCredit()
    {
        await AddAsync("anna", 1);
        await TakeAsync(1);
        await AddAsync("ben", 100);
        await TakeAsync(90);
        await AddAsync("anna", 10);

        Assert.InRange((await TakeAsync(10)).Count(owner => owner == "ben"), 4, 6);
    }

    [Fact]
    public async Task WhatWasCancelledBeforeItBegan_CostsNoTurn()
    {
        await AddAsync("ben", 20);
        await AddAsync("anna", 500);
        await using (var db = _database.CreateDbContext())
            await db.TranscodeJobs.Where(j => j.OwnerId == "anna").ExecuteUpdateAsync(set => set.SetProperty(j => j.State, JobState.Cancelled), Stop);
        await AddAsync("anna", 1);
        await AddAsync("carl", 1);

        Assert.Equal(["anna", "ben", "carl"], (await TakeAsync(3)).Order());
    }

    [Fact]
    public async Task DeletedHistory_GivesANewcomerNoCredit()
    {
        await AddAsync("ben", 100);
        await TakeAsync(50);
        await using (var db = _database.CreateDbContext())
        {
            var begun = db.TranscodeJobs.Where(j => j.State == JobState.Running);
            await db.AudioFiles.Where(f => begun.Any(j => j.AudioFileId == f.Id)).ExecuteDeleteAsync(Stop);
        }

        await AddAsync("anna", 10);

        Assert.InRange((await TakeAsync(10)).Count(owner => owner == "ben"), 4, 6);
    }

    [Fact]
    public async Task JobThatIsNotDueYet_LetsOthersPass_AndAClockThatWasSetBackDelaysNothing()
    {
        await AddAsync("anna", 1);
        await AddAsync("ben", 1);
        await DelayAsync("anna", _now + LongestDelay);
        Assert.Equal(["ben", ""], [await TakeAsync(), await TakeAsync()]);

        await DelayAsync("anna", _now + LongestDelay + TimeSpan.FromHours(2));
        Assert.Equal("anna", await TakeAsync());
    }

    [Fact]
    public async Task JobsOfAVersionThatKnewNoTurns_GetTheirs()
    {
        await AddAsync("ben", 50);
        await using (var db = _database.CreateDbContext())
        {
            await db.TranscodeJobs.ExecuteUpdateAsync(set => set.SetProperty(j => j.Turn, 0), Stop);
            await JobOrder.SpreadAsync(db, Stop);
        }

        await AddAsync("anna", 2);

        Assert.Equal(["ben", "anna", "ben", "anna", "ben"], await TakeAsync(5));
    }

    [Fact]
    public async Task SeveralWorkersAtOnce_TakeEveryJobOnce()
    {
        await AddAsync("anna", 20);
        await AddAsync("ben", 20);
        var served = await Task.WhenAll(Enumerable.Range(0, 45).Select(_ => Task.Run(() => TakeAsync(), Stop)));

        Assert.Equal((20, 20, 5), (served.Count(o => o == "anna"), served.Count(o => o == "ben"), served.Count(o => o == "")));
    }

    [Fact]
    public async Task TheLine_ForAnyPeopleAndAnyMoment_IsServedAsShown_AndOwesEachOtherPersonOneJob() =>
        await Gen.Select(Gen.Int[0, 4], Gen.Int[0, 6], Gen.Int[0, 3]).Array[1, 12].SampleAsync(async steps =>
        {
            await using (var db = _database.CreateDbContext())
                await db.AudioFiles.ExecuteDeleteAsync(Stop);
            HashSet<string> known = [];
            foreach (var (person, files, served) in steps)
            {
                var owner = $"user{person}";
                var waited = await PlacesAsync(owner);
                await AddAsync(owner, files);
                // Of each of the four others stands one job at most before the first of a newcomer, and one more before that of a person who was just served.
                if (files > 0 && waited.Count == 0)
                    Assert.InRange((await PlacesAsync(owner))[0], 1, known.Contains(owner) ? 9 : 5);
                known.UnionWith(Enumerable.Repeat(owner, files));
                await TakeAsync(served);
            }

            List<string> shown = [.. (await LineAsync()).OrderBy(p => p.Place).Select(p => p.Owner)];
            Assert.Equal(shown, await TakeAsync(shown.Count));
        }, iter: 20, threads: 1);

    private async Task AddAsync(string owner, int count)
    {
        await using var db = _database.CreateDbContext();
        await using var transaction = await db.Database.BeginTransactionAsync(Stop);
        for (var i = 0; i < count; i++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            var file = new AudioFile { Id = Guid.CreateVersion7(_now), OwnerId = owner, Name = "song.mp3", Length = 1, StorageKey = "sources/x", UploadedAt = _now };
            var turn = await JobOrder.NextTurnAsync(db, owner, Stop);
            db.AddRange(file, new TranscodeJob { Id = Guid.CreateVersion7(_now), AudioFileId = file.Id, OwnerId = owner, PresetIds = ["mp3"], CreatedAt = _now, Turn = turn });
            await db.SaveChangesAsync(Stop);
        }

        await transaction.CommitAsync(Stop);
    }

    /// <summary>Lets a worker take the next job. Gives its owner, or nothing.</summary>
    private async Task<string> TakeAsync()
    {
        await using var db = _database.CreateDbContext();
        await using var transaction = await db.Database.BeginTransactionAsync(Stop);
        var job = JobOrder.TakeNext(db, _engine, _now, LongestDelay);
        await transaction.CommitAsync(Stop);
        return job?.OwnerId ?? "";
    }

    private async Task<List<string>> TakeAsync(int count)
    {
        List<string> served = [];
        while (served.Count < count)
            served.Add(await TakeAsync());
        return served;
    }

    private async Task DelayAsync(string owner, DateTimeOffset until)
    {
        await using var db = _database.CreateDbContext();
        await db.TranscodeJobs.Where(j => j.OwnerId == owner).ExecuteUpdateAsync(set => set.SetProperty(j => j.NotBefore, until), Stop);
    }

    private async Task<List<(string Owner, int Place)>> LineAsync()
    {
        string[] people = ["user0", "user1", "user2", "user3", "user4"];
        var places = await Task.WhenAll(people.Select(PlacesAsync));
        return [.. people.Zip(places).SelectMany(line => line.Second.Select(place => (line.First, place)))];
    }

    /// <summary>The places of what waits, as its owner's page shows them.</summary>
    private async Task<List<int>> PlacesAsync(string owner)
    {
        var library = new LibraryStore(_database, _engine, LibrarySamples.HoldOf(_engine), TimeProvider.System);
        return [.. (await library.ListAsync(owner, null, 1000, Stop)).Items.Where(i => i.Place is not null).Select(i => i.Place!.Value).Order()];
    }
}
