using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Storage;

/// <summary>The book that promises no byte of a disk twice. Shares of what is free, because other programs use the disk meanwhile.</summary>
public sealed class DiskRoomTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StorageOptions _options = new() { ReserveBytes = 0 };
    private readonly DiskRoom _book;

    public DiskRoomTests() => _book = new(Options.Create(_options));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reserve_WhatOthersHaveReserved_IsNotThereUntilTheyEnd()
    {
        var most = Share(0.6);
        var first = _book.Reserve(_folder.Path, most);

        Assert.Throws<StorageFullException>(() => _book.Reserve(_folder.Path, most));
        first.Dispose();

        _book.Reserve(_folder.Path, most);
    }

    [Fact]
    public async Task Reserve_ByManyAtOnce_GivesToAsManyAsThereIsRoomFor()
    {
        var given = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => TryReserve(Share(0.3)), TestContext.Current.CancellationToken)));

        Assert.Equal(3, given.Count(reserved => reserved));
    }

    [Fact]
    public void Reserve_WhatIsWritten_CountsNoLonger()
    {
        var reserved = _book.Reserve(_folder.Path, Share(0.6));
        Assert.False(TryReserve(Share(0.6)));

        reserved.Wrote(reserved.Outstanding);

        Assert.True(TryReserve(Share(0.6)));
    }

    [Fact]
    public void Reserve_WrittenAsMeasured_CountsNoLonger()
    {
        var written = 0L;
        var reserved = _book.Reserve(_folder.Path, Share(0.6), () => written);
        Assert.False(TryReserve(Share(0.6)));

        written = reserved.Outstanding + 1000;

        Assert.True(TryReserve(Share(0.6)));
        Assert.Equal(0, reserved.Outstanding);
    }

    [Fact]
    public void Reserve_IntoTheReserve_IsRefused()
    {
        _options.ReserveBytes = Share(0.6);
        Assert.False(TryReserve(Share(0.6)));

        _options.ReserveBytes = long.MaxValue;
        Assert.Equal((0L, 0L), (_book.Unused(_folder.Path), _book.Unreserved(_folder.Path)));
    }

    [Fact]
    public void Reserve_OnAnotherDisk_IsNotAffected()
    {
        // A file system in memory, which every Linux has.
        const string other = "/dev/shm";
        Assert.NotEqual(Disk.Of(_folder.Path), Disk.Of(other));
        Assert.Equal(Disk.Of(_folder.Path), Disk.Of(Directory.CreateDirectory(_folder.File("inner")).FullName));

        _book.Reserve(_folder.Path, Share(0.9));

        _book.Reserve(other, DiskRoom.FreeBytes(other) / 2);
    }

    [Fact]
    public void Restore_MoreThanThereIs_LeavesNothingForOthers()
    {
        _book.Restore(_folder.Path, long.MaxValue);
        _book.Restore(_folder.Path, long.MaxValue);

        Assert.Equal(0, _book.Unreserved(_folder.Path));
        Assert.False(TryReserve(1));
    }

    private bool TryReserve(long bytes)
    {
        try
        {
            _book.Reserve(_folder.Path, bytes);
            return true;
        }
        catch (StorageFullException)
        {
            return false;
        }
    }

    private long Share(double share) => (long)(DiskRoom.FreeBytes(_folder.Path) * share);
}
