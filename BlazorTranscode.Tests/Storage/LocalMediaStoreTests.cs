using System.IO.Pipelines;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Storage;

public sealed class LocalMediaStoreTests : MediaStoreContract
{
    private readonly TempFolder _folder = new();

    public LocalMediaStoreTests() => Store = Open(reserve: 0);

    private protected override IMediaStore Store { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnotherProcess_GoesOnWhereTheFirstStopped()
    {
        var handle = await Store.BeginAsync("sources/a", Stop);
        await AppendAsync(Store, handle, 0, 700);

        var second = Open(reserve: 0);

        Assert.Equal(700, await second.OffsetAsync("sources/a", handle, Stop));
        await AppendAsync(second, handle, 700, 300);
        await second.CompleteAsync("sources/a", handle, 1000, Stop);
        await Store.CompleteAsync("sources/a", handle, 1000, Stop);
        Assert.Equal(1000, await Store.OffsetAsync("sources/a", handle, Stop));
    }

    [Fact]
    public async Task Append_WithNoSpaceOnTheDevice_SaysSoAndLeavesTheReaderUsable()
    {
        var handle = await Store.BeginAsync("sources/a", Stop);
        var part = Assert.Single(Directory.GetFiles(_folder.Path, "*.part", SearchOption.AllDirectories));
        File.Delete(part);
        File.CreateSymbolicLink(part, "/dev/full");
        var body = PipeReader.Create(new MemoryStream(new byte[1000]));

        var full = await Assert.ThrowsAsync<StorageFullException>(() => Store.AppendAsync("sources/a", handle, 0, body, 1000, Stop));

        Assert.Equal("The server has no room left for files. What has arrived is kept; try again when room has been made.", full.Message);
        Assert.Equal(1000, (await body.ReadAtLeastAsync(1000, Stop)).Buffer.Length);
    }

    [Fact]
    public async Task FolderThatIsNotThere_HasLostNothing()
    {
        var handle = await Store.BeginAsync("sources/a", Stop);
        await AppendAsync(Store, handle, 0, 700);
        Directory.Move(Path.Combine(_folder.Path, "media"), Path.Combine(_folder.Path, "elsewhere"));

        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await Store.OffsetAsync("sources/a", handle, Stop));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await Store.OpenAsync("sources/b", Stop));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await Store.FetchAsync("sources/b", _folder.Path, Stop));

        Directory.Move(Path.Combine(_folder.Path, "elsewhere"), Path.Combine(_folder.Path, "media"));
        Assert.Equal(700, await Store.OffsetAsync("sources/a", handle, Stop));
    }

    [Fact]
    public async Task Append_IntoTheReserve_IsRefusedBeforeTheDiskIsFull()
    {
        var store = Open(reserve: long.MaxValue);
        var handle = await store.BeginAsync("sources/a", Stop);

        Assert.Equal(0, store.FreeSpace);
        await Assert.ThrowsAsync<StorageFullException>(() => AppendAsync(store, handle, 0, 1));
        Assert.Equal(0, await store.OffsetAsync("sources/a", handle, Stop));
    }

    [Fact]
    public async Task Begin_OfMoreThanOthersLeave_IsRefused_UntilTheyAreWholeOrAborted()
    {
        var store = Open(reserve: 0);
        var most = (long)(store.FreeSpace!.Value * 0.6);
        var handle = await store.BeginAsync("sources/a", most, Stop);

        await Assert.ThrowsAsync<StorageFullException>(() => store.BeginAsync("sources/b", most, Stop));
        await Assert.ThrowsAsync<IncompleteObjectException>(() => store.CompleteAsync("sources/a", handle, most, Stop));
        await Assert.ThrowsAsync<StorageFullException>(() => store.BeginAsync("sources/b", most, Stop));
        Assert.Single(Directory.GetFiles(_folder.Path, "*.part", SearchOption.AllDirectories));

        await store.AbortAsync("sources/a", handle, Stop);
        handle = await store.BeginAsync("sources/b", most, Stop);
        await store.CompleteAsync("sources/b", handle, 0, Stop);
        await store.BeginAsync("sources/c", most, Stop);
    }

    [Fact]
    public async Task Append_BeyondWhatOthersLeave_IsRefused_AndIntoWhatIsSetAsideIsNot()
    {
        var store = Open(reserve: 0);
        var handle = await store.BeginAsync("sources/a", 300_000, Stop);
        store.Resume("sources/others", null, long.MaxValue);

        Assert.Equal(0, store.FreeSpace);
        Assert.Equal(300_000, await AppendAsync(store, handle, 0, 300_000));
        handle = await store.BeginAsync("sources/a", Stop);
        await store.CompleteAsync("sources/a", handle, 0, Stop);
        handle = await store.BeginAsync("sources/a", Stop);
        await Assert.ThrowsAsync<StorageFullException>(() => AppendAsync(store, handle, 0, 1));
    }

    [Fact]
    public async Task Resume_AfterARestart_SetsAsideWhatIsStillLacking()
    {
        var before = Open(reserve: 0);
        var handle = await before.BeginAsync("sources/a", 2_000_000, Stop);
        await AppendAsync(before, handle, 0, 1_000_000);

        var book = new DiskRoom(Options.Create(new StorageOptions { ReserveBytes = 0 }));
        var after = new LocalMediaStore(Options.Create(new DataOptions { Folder = _folder.Path }), book, TimeProvider.System);
        var most = after.FreeSpace!.Value;
        after.Resume("sources/a", handle, (most / 2) + 1_000_000);
        after.Resume("sources/a", handle, (most / 2) + 1_000_000);

        Assert.InRange(after.FreeSpace!.Value, most * 0.4, most * 0.6);
        await after.AbortAsync("sources/a", handle, Stop);
        Assert.InRange(after.FreeSpace!.Value, most * 0.9, most * 1.1);
    }

    [Fact]
    public async Task Delete_OfTheLastOutput_TakesItsFoldersWithIt()
    {
        foreach (var key in (string[])["renditions/1/1/audio.mp3", "renditions/1/1/audio.wav"])
        {
            await File.WriteAllTextAsync(_folder.File("made"), "x", Stop);
            await Store.ImportAsync(key, _folder.File("made"), Stop);
        }

        await Store.DeleteAsync("renditions/1/1/audio.mp3", Stop);
        Assert.Equal("renditions/1/1/audio.wav", (await Store.ListAsync(Stop).SingleAsync(Stop)).Key);
        await Store.DeleteAsync("renditions/1/1/audio.wav", Stop);

        Assert.Empty(Directory.GetDirectories(Path.Combine(_folder.Path, "media/objects/renditions")));
    }

    [Fact]
    public async Task List_IgnoresWhatIsNotOurs()
    {
        foreach (var file in (string[])["objects/Thumbs.db", "objects/.keep", "incoming/note", "incoming/sources.part"])
            await File.WriteAllTextAsync(Path.Combine(_folder.Path, "media", file), "x", Stop);

        Assert.Empty(await Store.ListAsync(Stop).ToListAsync(Stop));
        Assert.Empty(await Store.ListUnfinishedAsync(Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task Handle_ThatLeadsElsewhere_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Store.AbortAsync("sources/a", "../../app.db", Stop));

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    private static Task<long> AppendAsync(IMediaStore store, string handle, long offset, int count) =>
        store.AppendAsync("sources/a", handle, offset, PipeReader.Create(new MemoryStream(new byte[count])), count, Stop);

    internal static LocalMediaStore Open(string folder, long reserve = 0) =>
        new(Options.Create(new DataOptions { Folder = folder }), new(Options.Create(new StorageOptions { ReserveBytes = reserve })), TimeProvider.System);

    private LocalMediaStore Open(long reserve) => Open(_folder.Path, reserve);
}
