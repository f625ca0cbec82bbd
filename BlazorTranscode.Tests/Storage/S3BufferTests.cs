using System.Buffers;
using System.IO.Pipelines;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Storage;

/// <summary>Memory of the store in a bucket: none for those who send nothing, and a bound for all others together.</summary>
public sealed class S3BufferTests(Swift swift) : IAsyncLifetime
{
    private const string Key = "sources/a";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly CancellationTokenSource _gone = new();
    private readonly List<Task<long>> _pieces = [];
    private S3MediaStore _store = null!;
    private string _handle = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = S3MediaStoreTests.Open(await swift.NewBucketAsync(), _time);
        _handle = await _store.BeginAsync(Key, Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await KeptAsync();
        _store.Dispose();
        _gone.Dispose();
    }

    [Fact]
    public async Task Append_WhereNothingComes_TakesNoMemory()
    {
        for (var i = 0; i < 2 * S3Buffers.Most; i++)
            Begin(new Pipe());

        Assert.Equal(1000, await _store.AppendAsync(Key, _handle, 0, PipeReader.Create(new ReadOnlySequence<byte>(new byte[1000])), 1000, Stop));
    }

    [Fact]
    public async Task Append_WhenAllMemoryIsTaken_Waits_AndIsThenAskedToComeAgain()
    {
        for (var i = 0; i < S3Buffers.Most; i++)
        {
            // A full pipe: the write ends only when the store has taken it.
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 500));
            Begin(pipe);
            await pipe.Writer.WriteAsync(new byte[1000], Stop);
        }

        var late = new Pipe();
        await late.Writer.WriteAsync(new byte[1], Stop);
        var waiting = _store.AppendAsync(Key, _handle, 0, late.Reader, 1, Stop);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return waiting.IsCompleted;
        });
        var fault = await Assert.ThrowsAsync<StorageBusyException>(() => waiting);
        Assert.EndsWith("goes on by itself.", fault.Message, StringComparison.Ordinal);

        await _gone.CancelAsync();
        Assert.Equal(1001, await _store.AppendAsync(Key, _handle, await KeptAsync(), late.Reader, 1, Stop));
    }

    private async Task<long> KeptAsync()
    {
        await Task.WhenAll(_pieces).ContinueWith(_ => { }, TaskScheduler.Default);
        return await _store.OffsetAsync(Key, _handle, Stop);
    }

    private void Begin(Pipe pipe) => _pieces.Add(_store.AppendAsync(Key, _handle, 0, pipe.Reader, S3MediaStore.PartLength, _gone.Token));
}
