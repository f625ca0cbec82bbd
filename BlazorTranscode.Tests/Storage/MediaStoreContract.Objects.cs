using BlazorTranscode.Storage;

namespace BlazorTranscode.Tests.Storage;

/// <summary>What holds for whole objects.</summary>
public abstract partial class MediaStoreContract
{
    /// <summary>In S3 that is so for what no part has taken yet.</summary>
    [Fact]
    public async Task OpenUnfinished_GivesBackWhatHasArrivedLast()
    {
        var content = Bytes(300_000);
        var handle = await Store.BeginAsync(_key, Stop);
        await SendAsync(handle, 0, content, 600_000);

        await using var stream = await Store.OpenUnfinishedAsync(_key, handle, 100_000, Stop);

        using var found = new MemoryStream();
        await stream!.CopyToAsync(found, Stop);
        Assert.Equal(content[100_000..], found.ToArray());
    }

    [Fact]
    public async Task Import_MovesTheFileIn_AndOverwrites()
    {
        await StoreAsync(Bytes(10));
        var file = _scratch.File("finished");
        await File.WriteAllBytesAsync(file, Bytes(70_000), Stop);

        await Store.ImportAsync(_key, file, Stop);

        Assert.False(File.Exists(file));
        Assert.Equal(Bytes(70_000), await ReadAsync());
        Assert.DoesNotContain(await UnfinishedAsync(), o => o.Key == _key);
    }

    [Fact]
    public async Task Open_GivesASeekableStream()
    {
        await StoreAsync(Bytes(100_000));
        await using var stream = await Store.OpenAsync(_key, Stop);

        Assert.Equal(100_000, stream.Length);
        stream.Seek(70_000, SeekOrigin.Begin);
        var tail = new byte[30_000];
        await stream.ReadExactlyAsync(tail, Stop);
        Assert.Equal(Bytes(100_000)[70_000..], tail);
    }

    [Fact]
    public async Task Fetch_GivesAFileOfThisMachine()
    {
        await StoreAsync(Bytes(3000));
        Assert.Equal(Bytes(3000), await File.ReadAllBytesAsync(await Store.FetchAsync(_key, _scratch.Path, Stop), Stop));
    }

    [Fact]
    public async Task Delete_RemovesTheObject_AndMayBeRepeated()
    {
        await StoreAsync(Bytes(10));
        await Store.DeleteAsync(_key, Stop);
        await Store.DeleteAsync(_key, Stop);

        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.OpenAsync(_key, Stop));
        Assert.DoesNotContain(_key, await KeysAsync());
    }

    [Fact]
    public async Task List_SaysWhenAnObjectBecameVisible()
    {
        await StoreAsync(Bytes(10));
        var stored = await Store.ListAsync(Stop).SingleAsync(o => o.Key == _key, Stop);
        Assert.InRange(stored.Modified, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task List_SaysHowLongAnObjectIs()
    {
        await StoreAsync(Bytes(1234));
        Assert.Equal(1234, (await Store.ListAsync(Stop).SingleAsync(o => o.Key == _key, Stop)).Length);
    }

    [Fact]
    public async Task Mark_IsReadAsItWasWritten_AndIsNoObject()
    {
        await StoreAsync(Bytes(10));
        await Store.WriteMarkAsync("first\n", Stop);
        await Store.WriteMarkAsync("second\n", Stop);

        Assert.Equal("second\n", await Store.ReadMarkAsync(Stop));
        Assert.DoesNotContain(await KeysAsync(), key => !MediaKey.IsKey(key));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("sources/../../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("sources//x")]
    [InlineData("sources/.hidden")]
    [InlineData("sources\\x")]
    [InlineData("sources/x\0y")]
    [InlineData("sources/x\n")]
    [InlineData("sources/Ä")]
    [InlineData("")]
    public async Task EveryWayIn_WithSomethingThatIsNoKey_IsRefused(string key)
    {
        var file = _scratch.File("x");
        await File.WriteAllTextAsync(file, "x", Stop);
        var handle = await Store.BeginAsync(_key, Stop);

        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.BeginAsync(key, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.OffsetAsync(key, handle, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.CompleteAsync(key, handle, 0, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.AbortAsync(key, handle, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.ImportAsync(key, file, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.OpenAsync(key, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.FetchAsync(key, _scratch.Path, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.DeleteAsync(key, Stop));
    }
}
