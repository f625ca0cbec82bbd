using System.Net;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using BlazorTranscode.Transcoding;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Storage;

/// <summary>A store and a database that do not know each other, in all the ways in which that comes about.</summary>
public sealed partial class StoreOwnershipTests : IDisposable
{
    private readonly TempFolder _data = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Media => _data.File("media");

    private string Mark => Path.Combine(Media, "store-id");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _data.Dispose();
    }

    [Fact]
    public async Task EmptyStore_OfANewDatabase_GetsItsId()
    {
        await using var app = Start();

        Assert.Equal(StoreState.Ours, app.Get<StoreOwnership>().State);
        Assert.Equal(await IdAsync(app), Guid.Parse(await File.ReadAllTextAsync(Mark, Stop)));
        Assert.True(app.Get<StoreOwnership>().WasEmpty);
    }

    /// <summary>Neither side of an installation from before the ids has one.</summary>
    [Fact]
    public async Task StoreWithoutAnId_WhoseObjectsRowsName_IsTakenByItself()
    {
        var key = await FillAsync();
        ForgetFolder();
        await ForgetIdAsync();

        await using var app = Start();

        Assert.Equal(StoreState.Ours, app.Get<StoreOwnership>().State);
        Assert.Equal(await IdAsync(app), Guid.Parse(await File.ReadAllTextAsync(Mark, Stop)));
        Assert.Equal(HttpStatusCode.OK, await UploadAsync(app));
        Assert.Contains(key, await KeysAsync(app));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LostDatabase_BesideAudio_DeletesNothing_AndIsNotReadyUntilTheStoreIsAdopted(bool marked)
    {
        await FillAsync();
        LoseDatabase();
        if (!marked)
            File.Delete(Mark);
        Age();

        await using var app = Start();
        await SweepAsync(app);

        var ownership = app.Get<StoreOwnership>();
        Assert.Equal(StoreState.Foreign, ownership.State);
        Assert.Equal(3, (await KeysAsync(app)).Count);
        Assert.Contains("belongs to another database", await IllAsync(app), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await UploadAsync(app));

        await ownership.AdoptAsync(Stop);
        await SweepAsync(app);

        Assert.Equal(3, (await KeysAsync(app)).Count);
        Assert.Equal("", await IllAsync(app));
        Assert.Equal(HttpStatusCode.OK, await UploadAsync(app));
        await ownership.LookAsync(Stop);
        Assert.True(ownership.IsOurs);
    }

    [Fact]
    public async Task Jobs_BesideAForeignStore_Wait()
    {
        await FillAsync();
        LoseDatabase();
        await using var app = Start();
        var ann = await app.CreateUserAsync("ann");
        await using var db = await app.OpenDatabaseAsync();
        var job = await db.AddJobAsync(ann.Id, JobState.Queued, attempt: 0);

        await app.Get<TranscodeWorker>().RunAsync(Stop);

        Assert.Equal(JobState.Queued, (await db.TranscodeJobs.AsNoTracking().SingleAsync(Stop)).State);
    }

    [Fact]
    public async Task EmptyFolder_WhereTheDatabaseHasFiles_IsNotTaken_AndNothingIsLostWhenTheRightOneReturns()
    {
        var key = await FillAsync();
        Directory.Move(Media, _data.File("elsewhere"));

        await using var app = Start();
        await SweepAsync(app);

        Assert.Equal(StoreState.Missing, app.Get<StoreOwnership>().State);
        Assert.Contains("its media store is empty", await IllAsync(app), StringComparison.Ordinal);
        Assert.False(File.Exists(Mark));
        Directory.Delete(Media, recursive: true);
        Directory.Move(_data.File("elsewhere"), Media);
        await app.Get<StoreOwnership>().LookAsync(Stop);
        Assert.True(app.Get<StoreOwnership>().IsOurs);
        Assert.Contains(key, await KeysAsync(app));
    }

    /// <summary>Staging and production, say. Both had objects in it before there were ids.</summary>
    [Fact]
    public async Task TwoDatabases_OnOneStore_DeleteNothingOfEachOther_AndNeverTakeItFromEachOther()
    {
        await FillAsync();
        using var other = new TempFolder();
        File.CreateSymbolicLink(other.File("media"), Media);
        await using var first = Start();
        await using var second = Start(other);
        var eve = await second.CreateUserAsync("eve");
        await second.AddFileAsync(eve, "eves.wav");
        Age();

        await SweepAsync(first);
        await SweepAsync(second);
        await second.Get<StoreOwnership>().LookAsync(Stop);

        Assert.True(first.Get<StoreOwnership>().IsOurs);
        Assert.Equal(StoreState.Foreign, second.Get<StoreOwnership>().State);
        Assert.Equal(6, (await KeysAsync(first)).Count);

        // An administrator of the second who adopts it all the same is noticed by the first.
        await second.Get<StoreOwnership>().AdoptAsync(Stop);
        await first.Get<StoreOwnership>().LookAsync(Stop);
        Assert.Equal(StoreState.Foreign, first.Get<StoreOwnership>().State);
        Assert.True(second.Get<StoreOwnership>().IsOurs);
    }

    /// <summary>The copy was made before the store had an id, and is put back into the folder that has known it.</summary>
    [Fact]
    public async Task DatabaseFromBeforeTheId_PutBackIntoItsFolder_KnowsItsStoreAgain()
    {
        await FillAsync();
        await ForgetIdAsync();

        await using var app = Start();

        Assert.True(app.Get<StoreOwnership>().IsOurs);
        Assert.Equal(await IdAsync(app), Guid.Parse(await File.ReadAllTextAsync(Mark, Stop)));
    }

    [Fact]
    public async Task StoreThatDoesNotAnswer_StopsNoStart_AndNothingIsDeletedUntilItDoes()
    {
        var link = new StoreLink { Before = _ => throw new StorageUnavailableException("Away.") };
        await using var app = Start(link: link);
        await using var db = await app.OpenDatabaseAsync();
        db.DeleteLater($"sources/{Guid.NewGuid():N}", DeletionReason.FileDeleted, DateTimeOffset.UtcNow);
        await db.SaveChangesAsync(Stop);

        Assert.Equal(StoreState.NotKnown, app.Get<StoreOwnership>().State);
        Assert.Contains("not known yet", await IllAsync(app), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await UploadAsync(app));
        link.Before = null;
        await app.Get<Deletions>().WorkOffAsync(Stop);
        Assert.Equal(1, await db.PendingDeletions.CountAsync(Stop));

        await Eventually.TrueAsync(async () => await UploadAsync(app) == HttpStatusCode.OK);
        Assert.True(app.Get<StoreOwnership>().IsOurs);
        await app.Get<Deletions>().WorkOffAsync(Stop);
        Assert.Equal(0, await db.PendingDeletions.CountAsync(Stop));
    }

    [Fact]
    public async Task Mark_ThatCannotBeRead_IsNotOurs()
    {
        await FillAsync();
        await File.WriteAllTextAsync(Mark, "something else\n", Stop);

        await using var app = Start();

        Assert.Equal(StoreState.Foreign, app.Get<StoreOwnership>().State);
    }
}
