using BlazorTranscode.Audio;
using BlazorTranscode.Library;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;

namespace BlazorTranscode.Tests.Library;

public sealed class LibraryStoreTests : IDisposable
{
    private readonly TestDatabase _database = new();
    private readonly ScriptedTranscoder _engine = new(null!); // nothing is converted here
    private readonly LibraryStore _library;
    private DateTimeOffset _now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    public LibraryStoreTests() => _library =
        new(_database, _engine, LibrarySamples.HoldOf(_engine), TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task List_IsNewestFirst_AndOnlyMine()
    {
        await AddAsync("anna", "old.mp3");
        await AddAsync("ben", "not hers.mp3");
        await AddAsync("anna", "new.mp3");

        var list = await _library.ListAsync("anna", null, 10, Stop);

        Assert.Equal(["new.mp3", "old.mp3"], list.Items.Select(item => item.Name));
        Assert.Equal(2, list.Total);
    }

    [Fact]
    public async Task List_ShorterThanAll_KnowsTheTotal()
    {
        for (var i = 0; i < 5; i++)
            await AddAsync("anna", $"{i}.mp3");

        var list = await _library.ListAsync("anna", null, 2, Stop);

        Assert.Equal((2, 5), (list.Items.Count, list.Total));
    }

    [Fact]
    public async Task List_AfterARetry_ShowsTheLatestJob()
    {
        var file = await AddAsync("anna", "song.mp3", JobState.Failed, "It broke.");
        var retry = await AddJobAsync(file, JobState.Running);

        var item = Assert.Single((await _library.ListAsync("anna", null, 10, Stop)).Items);

        Assert.Equal((FileState.Running, retry, null), (item.State, item.JobId, item.Reason));
    }

    [Fact]
    public async Task List_QueuedFile_KnowsItsPlaceAmongEverybodysFiles()
    {
        await AddAsync("ben", "running.mp3", JobState.Running);
        await AddAsync("ben", "first.mp3", JobState.Queued);
        await AddAsync("anna", "second.mp3", JobState.Queued);
        await AddAsync("ben", "third.mp3", JobState.Queued);
        await AddAsync("anna", "fourth.mp3", JobState.Queued);
        await AddAsync("anna", "done.mp3");

        var list = await _library.ListAsync("anna", null, 10, Stop);

        Assert.Equal([null, 4, 2], list.Items.Select(item => item.Place));
    }

    [Fact]
    public async Task List_QueuedFiles_StandInTheOrderInWhichTheyAreServed()
    {
        await AddAsync("ben", "first.mp3", JobState.Queued);
        await AddAsync("ben", "third.mp3", JobState.Queued, turn: 1);
        await AddAsync("anna", "second.mp3", JobState.Queued);
        await AddAsync("anna", "fourth.mp3", JobState.Queued, turn: 1);

        Assert.Equal([4, 2], (await _library.ListAsync("anna", null, 10, Stop)).Items.Select(item => item.Place));
        Assert.Equal([3, 1], (await _library.ListAsync("ben", null, 10, Stop)).Items.Select(item => item.Place));
    }

    [Fact]
    public async Task List_WhileNothingCanBeConverted_SaysSoOfWhatWaits_AndNotWhy()
    {
        var queued = await AddAsync("anna", "queued.mp3", JobState.Queued);
        await AddAsync("anna", "done.mp3");
        _engine.Unavailable = "/usr/bin/ffmpeg is missing.";

        var list = await _library.ListAsync("anna", null, 10, Stop);

        Assert.Equal([null, "nothing can be converted at the moment"], list.Items.Select(item => item.Waiting));
        Assert.Equal("nothing can be converted at the moment", (await _library.FindAsync("anna", queued, Stop))!.Item.Waiting);
    }

    [Fact]
    public async Task List_SearchThatNoBoxAllows_IsCut()
    {
        await AddAsync("anna", new string('_', 150));

        Assert.Single((await _library.ListAsync("anna", new string('_', 30_000), 10, Stop)).Items);
    }

    [Theory]
    [InlineData("100%", "100% live.mp3")]
    [InlineData("a_b", "a_b.mp3")]
    [InlineData(@"c\d", @"c\d.mp3")]
    [InlineData("LIVE", "100% live.mp3")]
    public async Task List_Search_TakesEveryCharacterAsItself(string search, string found)
    {
        foreach (var name in new[] { "100% live.mp3", "1000.mp3", "a_b.mp3", "axb.mp3", @"c\d.mp3", "cd.mp3" })
            await AddAsync("anna", name);

        Assert.Equal(found, Assert.Single((await _library.ListAsync("anna", search, 10, Stop)).Items).Name);
    }

    [Theory]
    [InlineData((int)JobState.Queued, null, FileState.Queued)]
    [InlineData((int)JobState.Submitted, null, FileState.Running)]
    [InlineData((int)JobState.Running, null, FileState.Running)]
    [InlineData((int)JobState.Succeeded, null, FileState.Ready)]
    [InlineData((int)JobState.Succeeded, "It is damaged.", FileState.ReadyWithWarning)]
    [InlineData((int)JobState.Failed, "It broke.", FileState.Failed)]
    [InlineData((int)JobState.Cancelled, null, FileState.Cancelled)]
    public async Task Find_TellsTheStateInTheOwnersWords(int state, string? reason, FileState expected)
    {
        var file = await AddAsync("anna", "song.mp3", (JobState)state, reason);

        Assert.Equal(expected, (await _library.FindAsync("anna", file, Stop))!.Item.State);
    }

    [Fact]
    public async Task FileAndMedia_OfSomebodyElse_AreNotFound()
    {
        var file = await AddAsync("anna", "song.mp3");

        Assert.NotNull(await _library.FindAsync("anna", file, Stop));
        Assert.NotNull(await _library.FindMediaAsync("anna", file, Media.Source, Stop));
        Assert.Null(await _library.FindAsync("ben", file, Stop));
        Assert.Null(await _library.FindMediaAsync("ben", file, Media.Source, Stop));
        Assert.Null(await _library.FindMediaAsync("anna", file, "mp3", Stop));
    }

    private async Task<Guid> AddAsync(string owner, string name, JobState state = JobState.Succeeded, string? reason = null, long turn = 0)
    {
        var file = new AudioFile { Id = Guid.NewGuid(), OwnerId = owner, Name = name, Length = 1, StorageKey = "sources/x", UploadedAt = _now };
        await using (var db = _database.CreateDbContext())
        {
            db.AudioFiles.Add(file);
            await db.SaveChangesAsync(Stop);
        }
        await AddJobAsync(file.Id, state, owner, reason, turn);
        return file.Id;
    }

    private async Task<Guid> AddJobAsync(Guid file, JobState state, string owner = "anna", string? reason = null, long turn = 0)
    {
        _now += TimeSpan.FromMinutes(1);
        var job = new TranscodeJob { Id = Guid.NewGuid(), AudioFileId = file, OwnerId = owner, PresetIds = ["mp3"], State = state, Reason = reason, CreatedAt = _now, Turn = turn };
        await using var db = _database.CreateDbContext();
        db.TranscodeJobs.Add(job);
        await db.SaveChangesAsync(Stop);
        return job.Id;
    }
}
