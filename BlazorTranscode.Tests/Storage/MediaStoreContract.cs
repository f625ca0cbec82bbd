using System.IO.Pipelines;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Storage;

/// <summary>What every media store must do, said through the interface alone. A store's own test class inherits it.</summary>
public abstract partial class MediaStoreContract : IDisposable
{
    private readonly TempFolder _scratch = new();
    private readonly string _key = $"sources/{Guid.NewGuid():N}";

    private protected abstract IMediaStore Store { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Begin_AnUnfinishedObject_IsNotVisible()
    {
        var handle = await Store.BeginAsync(_key, Stop);
        await SendAsync(handle, 0, Bytes(1000), 2000);

        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.OpenAsync(_key, Stop));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.FetchAsync(_key, _scratch.Path, Stop));
        Assert.DoesNotContain(_key, await KeysAsync());
        Assert.Contains(await UnfinishedAsync(), o => o.Key == _key && o.Handle == handle);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(256 * 1024 + 1)]
    [InlineData(20_000_003)]
    public async Task Append_InPieces_GivesTheSameBytesBack(int length)
    {
        var content = Bytes(length);
        var handle = await Store.BeginAsync(_key, Stop);

        // A store may keep less of a piece than it was given; the sender goes on from what it reports, with ever longer pieces.
        for (int offset = 0, piece = length / 3 + 1; offset < length; piece *= 2)
        {
            var reported = await SendAsync(handle, offset, content.AsMemory(offset, Math.Min(piece, length - offset)), length - offset);
            Assert.Equal(reported, await Store.OffsetAsync(_key, handle, Stop));
            Assert.InRange(reported, offset, offset + piece);
            offset = (int)reported;
        }

        await Store.CompleteAsync(_key, handle, content.Length, Stop);
        Assert.Equal(content, await ReadAsync());
        Assert.Contains(_key, await KeysAsync());
    }

    [Fact]
    public async Task Append_TakesNoMoreThanTheLimit_AndLeavesTheRestInTheBody()
    {
        var content = Bytes(300_000);
        var handle = await Store.BeginAsync(_key, Stop);
        var body = PipeReader.Create(new MemoryStream(content));

        Assert.Equal(270_000, await Store.AppendAsync(_key, handle, 0, body, 270_000, Stop));

        using var rest = new MemoryStream();
        await body.CopyToAsync(rest, Stop);
        Assert.Equal(content[270_000..], rest.ToArray());
        await Store.CompleteAsync(_key, handle, 270_000, Stop);
        Assert.Equal(content[..270_000], await ReadAsync());
    }

    [Fact]
    public async Task Append_WhenTheBodyBreaks_KeepsWhatArrivedAndGoesOnFromThere()
    {
        var content = Bytes(20_000_000);
        var handle = await Store.BeginAsync(_key, Stop);
        var body = PipeReader.Create(new CutStream(content, 12_000_000));
        await Assert.ThrowsAsync<IOException>(() => Store.AppendAsync(_key, handle, 0, body, content.Length, Stop));

        var offset = (int)await Store.OffsetAsync(_key, handle, Stop);
        Assert.InRange(offset, 1, 12_000_000);
        await SendAsync(handle, offset, content.AsMemory(offset), content.Length - offset);
        await Store.CompleteAsync(_key, handle, content.Length, Stop);
        Assert.Equal(content, await ReadAsync());
    }

    [Fact]
    public async Task Append_AtAnotherOffset_IsRefused()
    {
        var handle = await Store.BeginAsync(_key, Stop);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => SendAsync(handle, 5, Bytes(10), 10));
        Assert.Equal(0, await Store.OffsetAsync(_key, handle, Stop));
    }

    [Fact]
    public async Task Complete_AgainAndAfterwards_ChangesNothing()
    {
        var handle = await StoreAsync(Bytes(5000));
        await Store.CompleteAsync(_key, handle, 5000, Stop);

        Assert.Equal(5000, await Store.OffsetAsync(_key, handle, Stop));
        Assert.Equal(Bytes(5000), await ReadAsync());
        Assert.DoesNotContain(await UnfinishedAsync(), o => o.Key == _key);
        await Assert.ThrowsAsync<FileNotFoundException>(() => SendAsync(handle, 5000, Bytes(1), 1));
        await Store.AbortAsync(_key, handle, Stop);
        Assert.Equal(Bytes(5000), await ReadAsync());
    }

    [Fact]
    public async Task Complete_ByManyAtOnce_GivesTheObject()
    {
        var handle = await Store.BeginAsync(_key, Stop);
        await SendAsync(handle, 0, Bytes(5000), 5000);

        await Parallel.ForAsync(0, 8, Stop, async (_, stop) => await Store.CompleteAsync(_key, handle, 5000, stop));

        Assert.Equal(Bytes(5000), await ReadAsync());
    }

    [Theory]
    [InlineData(999)]
    [InlineData(1001)]
    public async Task Complete_WithAnotherLength_IsRefused_AndDoneWithTheRightOne(int other)
    {
        var handle = await Store.BeginAsync(_key, Stop);
        await SendAsync(handle, 0, Bytes(1000), 1000);

        var refusal = await Assert.ThrowsAsync<IncompleteObjectException>(() => Store.CompleteAsync(_key, handle, other, Stop));

        Assert.Equal($"The media store shows 1000 bytes of {_key} instead of {other}, so it was not completed.", refusal.Message);
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.OpenAsync(_key, Stop));
        await Store.CompleteAsync(_key, handle, 1000, Stop);
        Assert.Equal(Bytes(1000), await ReadAsync());
    }

    [Fact]
    public async Task Abort_LeavesNothing_AndMayBeRepeated()
    {
        var handle = await Store.BeginAsync(_key, Stop);
        await SendAsync(handle, 0, Bytes(100), 100);

        await Store.AbortAsync(_key, handle, Stop);
        await Store.AbortAsync(_key, handle, Stop);

        Assert.DoesNotContain(await UnfinishedAsync(), o => o.Key == _key);
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.OffsetAsync(_key, handle, Stop));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.CompleteAsync(_key, handle, 100, Stop));
    }

    public virtual void Dispose()
    {
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(4711).NextBytes(bytes);
        return bytes;
    }

    private Task<long> SendAsync(string handle, long offset, ReadOnlyMemory<byte> piece, long limit) =>
        Store.AppendAsync(_key, handle, offset, PipeReader.Create(new MemoryStream(piece.ToArray())), limit, Stop);

    private async Task<string> StoreAsync(byte[] content)
    {
        var handle = await Store.BeginAsync(_key, Stop);
        Assert.Equal(content.Length, await SendAsync(handle, 0, content, content.Length));
        await Store.CompleteAsync(_key, handle, content.Length, Stop);
        return handle;
    }

    private async Task<byte[]> ReadAsync()
    {
        await using var stream = await Store.OpenAsync(_key, Stop);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Stop);
        return copy.ToArray();
    }

    private ValueTask<List<string>> KeysAsync() => Store.ListAsync(Stop).Select(o => o.Key).ToListAsync(Stop);

    private ValueTask<List<UnfinishedObject>> UnfinishedAsync() => Store.ListUnfinishedAsync(Stop).ToListAsync(Stop);

    /// <summary>A connection that is cut after so many bytes.</summary>
    private protected sealed class CutStream(byte[] content, int until) : MemoryStream(content, 0, until)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position == Length ? throw new IOException("The connection was cut.") : base.ReadAsync(buffer, cancellationToken);
    }
}
