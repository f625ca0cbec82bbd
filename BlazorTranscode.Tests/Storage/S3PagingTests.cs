using BlazorTranscode.Storage;

namespace BlazorTranscode.Tests.Storage;

/// <summary>S3 lists a thousand of anything at most, and the rest when it is asked again.</summary>
public sealed class S3PagingTests(Swift swift) : IAsyncLifetime
{
    private const int Count = 1005;
    private const string Key = "sources/a";

    private S3Options _bucket = null!;
    private Amazon.S3.AmazonS3Client _client = null!;
    private S3MediaStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _bucket = await swift.NewBucketAsync();
        _client = Swift.Client(_bucket);
        _store = S3MediaStoreTests.Open(_bucket);
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task List_MoreThanAThousandObjects_GivesEachOnce()
    {
        await ManyAsync(i => _client.PutObjectAsync(new() { BucketName = _bucket.Bucket, Key = NumberedKey(i), ContentBody = "x", UseChunkEncoding = false }, Token));

        Assert.Equal(Enumerable.Range(0, Count).Select(NumberedKey), await _store.ListAsync(Token).Select(o => o.Key).Order().ToListAsync(Token));
    }

    [Fact]
    public async Task ListUnfinished_MoreThanAThousandUploads_GivesEachOnce()
    {
        await ManyAsync(i => _store.BeginAsync(NumberedKey(i), Token));

        Assert.Equal(Enumerable.Range(0, Count).Select(NumberedKey), await _store.ListUnfinishedAsync(Token).Select(o => o.Key).Order().ToListAsync(Token));
    }

    /// <summary>Parts as small as these are taken, but could not be joined.</summary>
    [Fact]
    public async Task Offset_MoreThanAThousandParts_CountsThemAll()
    {
        var handle = await _store.BeginAsync(Key, Token);
        await ManyAsync(i => _client.UploadPartAsync(
            new() { BucketName = _bucket.Bucket, Key = Key, UploadId = handle, PartNumber = i + 1, PartSize = 1, InputStream = new MemoryStream([1]), UseChunkEncoding = false },
            Token));

        Assert.Equal(Count, await _store.OffsetAsync(Key, handle, Token));
    }

    private static string NumberedKey(int number) => $"sources/{number:D4}";

    private static Task ManyAsync(Func<int, Task> work) =>
        Parallel.ForAsync(0, Count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (i, _) => await work(i));
}
