using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Uploads;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Storage;

/// <summary>What counts for a person, read from the rows that the whole app writes.</summary>
public sealed class PersonalRoomTests : IAsyncDisposable
{
    private readonly TestApp _app = TestApp.Start(
        new() { ["Storage:MaxBytesPerPerson"] = "1000000" }, services => services.AddSingleton<ITranscoder, ScriptedTranscoder>());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Use_IsSourcesFormatsBegunUploadsAndWhatRunningJobsSetAside()
    {
        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal(new(0, 1_000_000), await OfAsync(db, "anna"));

        var job = await db.AddJobAsync("anna"); // its source has 1,234 bytes
        Assert.Equal(1234, (await OfAsync(db, "anna")).Used);

        job.ReservedBytes = 10_000;
        await db.SaveChangesAsync(Token);
        Assert.Equal(11_234, (await OfAsync(db, "anna")).Used);

        db.Add(NewRendition(job.AudioFileId, 5000));
        job.State = JobState.Succeeded;
        await db.SaveChangesAsync(Token);
        Assert.Equal(6234, (await OfAsync(db, "anna")).Used);

        db.AddRange(NewUpload("anna", 100_000), NewUpload("anna", 200_000, expired: true), NewUpload("anna", 400_000, completed: true), NewUpload("ben", 7));
        await db.SaveChangesAsync(Token);
        Assert.Equal(106_234, (await OfAsync(db, "anna")).Used);

        Assert.Equal(
            [("anna", 106_234L), ("ben", 7L)],
            (await _app.Get<PersonalRoom>().UsedByAsync(db, ["anna", "ben", "eve"], Token)).Select(used => (used.Key, used.Value)).Order());
    }

    [Fact]
    public async Task Limit_HoldsForEverybodyButAdministrators_AndZeroIsNone()
    {
        var boss = await _app.CreateUserAsync("boss", administrator: true);
        var ann = await _app.CreateUserAsync("ann");
        await using var db = await _app.OpenDatabaseAsync();

        Assert.Null((await OfAsync(db, boss.Id)).Limit);
        Assert.Equal(1_000_000, (await OfAsync(db, ann.Id)).Limit);

        _app.Get<IOptions<StorageOptions>>().Value.MaxBytesPerPerson = 0;
        Assert.Null((await OfAsync(db, ann.Id)).Limit);
        Assert.True((await OfAsync(db, ann.Id)).HasRoomFor(long.MaxValue));
    }

    [Fact]
    public async Task Job_SetsAsideWhatItsOwnerHasLeft_InsteadOfWhatItHadBefore()
    {
        await using var db = await _app.OpenDatabaseAsync();
        var job = await db.AddJobAsync("anna", attempt: 2);
        var room = ActivatorUtilities.CreateInstance<JobRoom>(_app.Services);
        var order = new TranscodeOrder(job.Id, 2, "sources/a", "a", [Preset.Mp3]);

        Assert.Null(await room.ReserveAsync(order, 900_000, Token));
        Assert.Equal(901_234, (await OfAsync(db, "anna")).Used);
        Assert.Null(await room.ReserveAsync(order, 998_766, Token));
        Assert.Equal(new(1234, 1_000_000), await room.ReserveAsync(order, 998_767, Token));
        Assert.Equal(1_000_000, (await OfAsync(db, "anna")).Used);

        // An attempt that was overtaken changes nothing.
        Assert.Null(await room.ReserveAsync(order with { Attempt = 1 }, 5, Token));
        Assert.Equal(1_000_000, (await OfAsync(db, "anna")).Used);
        await _app.Get<JobReports>().ReportAsync(new(job.Id, 2, JobState.Failed), Token);
        Assert.Equal(1234, (await OfAsync(db, "anna")).Used);
    }

    private Task<PersonalUse> OfAsync(AppDbContext db, string ownerId) => _app.Get<PersonalRoom>().OfAsync(db, ownerId, Token);

    private static Rendition NewRendition(Guid fileId, long length) => new()
    {
        Id = Guid.NewGuid(), AudioFileId = fileId, PresetId = "mp3", StorageKey = "renditions/a", Length = length, Duration = TimeSpan.Zero, CreatedAt = DateTimeOffset.UtcNow,
    };

    private static Upload NewUpload(string ownerId, long length, bool expired = false, bool completed = false) => new()
    {
        Id = Guid.NewGuid(), OwnerId = ownerId, Name = "a.mp3", Length = length, PresetIds = ["mp3"], Metadata = "", StorageKey = $"sources/{Guid.NewGuid():N}",
        CreatedAt = DateTimeOffset.UtcNow, ExpiresAt = DateTimeOffset.UtcNow.AddHours(expired ? -1 : 1), CompletedAt = completed ? DateTimeOffset.UtcNow : null,
    };
}
