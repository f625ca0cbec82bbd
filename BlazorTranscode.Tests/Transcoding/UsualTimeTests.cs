using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;

namespace BlazorTranscode.Tests.Transcoding;

public sealed class UsualTimeTests : IDisposable
{
    private const int Size = 1_000_000;

    private readonly TestDatabase _database = new();
    private DateTimeOffset _now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task FewerThanThreeJobs_TeachNothing()
    {
        await AddAsync(60);
        await AddAsync(60);
        Assert.Null(await UsualAsync());

        await AddAsync(60);

        Assert.Equal(TimeSpan.FromSeconds(60), await UsualAsync());
    }

    [Fact]
    public async Task OneThatTookForever_DoesNotMatter()
    {
        foreach (var seconds in new[] { 50, 86_000, 70, 60, 40 })
            await AddAsync(seconds);

        Assert.Equal(TimeSpan.FromSeconds(60), await UsualAsync());
    }

    [Theory]
    [InlineData("elastic", (int)JobState.Succeeded)]
    [InlineData("mediaconvert", (int)JobState.Failed)]
    [InlineData("mediaconvert", (int)JobState.Cancelled)]
    [InlineData("mediaconvert", (int)JobState.Running)]
    public async Task JobsOfAnotherEngine_AndThoseThatDidNotSucceed_DoNotCount(string engine, int state)
    {
        await AddAsync(60);
        await AddAsync(60);
        for (var i = 0; i < 5; i++)
            await AddAsync(10, engine, (JobState)state);
        Assert.Null(await UsualAsync());

        await AddAsync(60);

        Assert.Equal(TimeSpan.FromSeconds(60), await UsualAsync());
    }

    [Fact]
    public async Task FilesOfAnotherSize_DoNotCount()
    {
        for (var i = 0; i < 3; i++)
        {
            await AddAsync(20, length: Size / 5);
            await AddAsync(60, length: Size / 2);
            await AddAsync(900, length: Size * 8);
        }

        Assert.Equal(TimeSpan.FromSeconds(60), await UsualAsync());
        Assert.Equal(TimeSpan.FromSeconds(900), await UsualAsync(Size * 10L));
        Assert.Null(await UsualAsync(Size * 100L));
    }

    [Fact]
    public async Task JobsOfLongAgo_AreForgotten()
    {
        for (var i = 0; i < 50; i++)
            await AddAsync(600);
        for (var i = 0; i < 50; i++)
            await AddAsync(60);

        Assert.Equal(TimeSpan.FromSeconds(60), await UsualAsync());
    }

    [Theory]
    [InlineData(2, 60)]
    [InlineData(30, 60)]
    [InlineData(120, 240)]
    public void Late_IsTwiceTheUsual_ButNotBeforeAMinute(int usual, int late) =>
        Assert.Equal(TimeSpan.FromSeconds(late), UsualTime.LateAfter(TimeSpan.FromSeconds(usual)));

    private async Task<TimeSpan?> UsualAsync(long length = Size)
    {
        await using var db = _database.CreateDbContext();
        return (await UsualTime.LearnAsync(db, "mediaconvert", Stop)).Of(length);
    }

    private async Task AddAsync(int seconds, string engine = "mediaconvert", JobState state = JobState.Succeeded, long length = Size)
    {
        _now += TimeSpan.FromMinutes(1);
        var file = new AudioFile { Id = Guid.NewGuid(), OwnerId = "anna", Name = "song.mp3", Length = length, StorageKey = "sources/x", UploadedAt = _now };
        await using var db = _database.CreateDbContext();
        db.AudioFiles.Add(file);
        db.TranscodeJobs.Add(new()
        {
            Id = Guid.NewGuid(), AudioFileId = file.Id, OwnerId = "anna", PresetIds = ["mp3"], State = state, Engine = engine, EngineJobId = $"{Guid.NewGuid()}",
            CreatedAt = _now, StartedAt = _now + TimeSpan.FromHours(1), FinishedAt = _now + TimeSpan.FromHours(1) + TimeSpan.FromSeconds(seconds),
        });
        await db.SaveChangesAsync(Stop);
    }
}
