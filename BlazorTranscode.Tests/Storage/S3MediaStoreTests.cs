using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Storage;

/// <summary>What is special about the store in a bucket; what all stores promise is in <see cref="MediaStoreContract"/>.</summary>
public sealed partial class S3MediaStoreTests(Swift swift) : MediaStoreContract, IAsyncLifetime
{
    private const int MiB = 1024 * 1024;
    private const string Key = "sources/a";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private S3MediaStore _store = null!;
    private S3Options _bucket = null!;

    private protected override IMediaStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        _bucket = await swift.NewBucketAsync();
        _store = Open(_bucket);
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Append_SixtyMegabytesWithTwoBrokenConnections_ContinuesWhereItBrokeAndIsWhole()
    {
        var bytes = RandomNumberGenerator.GetBytes(60 * MiB);
        var handle = await _store.BeginAsync(Key, Token);

        // Each piece is taken by another process, as far as the store can tell.
        var offset = 0L;
        foreach (var piece in new[] { 20 * MiB + 123, 3, 60 * MiB })
        {
            using var store = Open(_bucket);
            Assert.Equal(offset, await store.OffsetAsync(Key, handle, Token));
            var body = PipeReader.Create(new CutStream(bytes[(int)offset..], Math.Min(piece, bytes.Length - (int)offset)));
            if (offset + piece < bytes.Length)
                await Assert.ThrowsAsync<IOException>(() => store.AppendAsync(Key, handle, offset, body, bytes.Length - offset, Token));
            else
                Assert.Equal(bytes.Length, await store.AppendAsync(Key, handle, offset, body, bytes.Length - offset, Token));
            offset = Math.Min(offset + piece, bytes.Length);
        }

        await _store.CompleteAsync(Key, handle, bytes.Length, Token);
        await using var whole = await _store.OpenAsync(Key, Token);
        Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(whole, Token));
        Assert.Equal([Key], await KeysAsync());
    }

    [Fact]
    public async Task Append_ThePersonIsGone_KeepsWhatCame()
    {
        var handle = await _store.BeginAsync(Key, Token);
        // A full pipe: the write ends only when the store has taken it.
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 500));
        using var gone = new CancellationTokenSource();

        var append = _store.AppendAsync(Key, handle, 0, pipe.Reader, 5 * MiB, gone.Token);
        await pipe.Writer.WriteAsync(new byte[1000], Token);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => append);
        Assert.Equal(1000, await _store.OffsetAsync(Key, handle, Token));
    }

    [Fact]
    public async Task Abort_LeavesNothing()
    {
        var handle = await _store.BeginAsync(Key, Token);
        var piece = PipeReader.Create(new ReadOnlySequence<byte>(new byte[9 * MiB]));
        Assert.Equal(9 * MiB, await _store.AppendAsync(Key, handle, 0, piece, 20 * MiB, Token));
        Assert.NotEmpty(await KeysAsync());

        await _store.AbortAsync(Key, handle, Token);
        await _store.AbortAsync(Key, handle, Token);

        Assert.Empty(await KeysAsync());
        using var client = Swift.Client(_bucket);
        Assert.Empty((await client.ListMultipartUploadsAsync(_bucket.Bucket, Token)).MultipartUploads ?? []);
        await Assert.ThrowsAsync<FileNotFoundException>(() => _store.OffsetAsync(Key, handle, Token));
    }

    [Fact]
    public async Task DownloadLink_GivesTheBytesUnderThatNameAndType()
    {
        var bytes = await ImportAsync(3 * MiB);
        using var http = new HttpClient();

        using var answer = await http.GetAsync(_store.DownloadLink(Key, "Käse \"2\"\r\n.mp3", "audio/mpeg", inline: false), Token);

        Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("audio/mpeg", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("Käse \"2\".mp3", answer.Content.Headers.ContentDisposition?.FileNameStar);
    }

    [Theory]
    [InlineData("/sources/a?", "/sources/b?")]
    [InlineData("audio%2Fmpeg", "text%2Fhtml")]
    [InlineData("attachment", "inline")]
    [InlineData("X-Amz-Expires=", "X-Amz-Expires=1")]
    [InlineData("X-Amz-Signature=", "X-Amz-Signature=0")]
    public async Task DownloadLink_Tampered_IsRefused(string part, string replacement)
    {
        await ImportAsync(10);
        using var http = new HttpClient();
        var link = _store.DownloadLink(Key, "a.mp3", "audio/mpeg", inline: false)!.AbsoluteUri;
        Assert.Contains(part, link, StringComparison.Ordinal);

        using var answer = await http.GetAsync(new Uri(link.Replace(part, replacement, StringComparison.Ordinal)), Token);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task DownloadLink_OfAnHourAgo_IsRefused()
    {
        await ImportAsync(10);
        using var http = new HttpClient();
        using var client = Swift.Client(_bucket);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(await LinkAsync(TimeSpan.FromHours(1)), Token)).StatusCode);
        var link = await LinkAsync(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(async () => (await http.GetAsync(link, Token)).StatusCode is HttpStatusCode.Forbidden);

        async Task<Uri> LinkAsync(TimeSpan life) => new(await client.GetPreSignedURLAsync(
            new() { BucketName = _bucket.Bucket, Key = Key, Expires = DateTime.UtcNow + life, Protocol = Amazon.S3.Protocol.HTTP }));
    }

    internal static S3MediaStore Open(S3Options bucket, TimeProvider? time = null) =>
        new(Options.Create(new StorageOptions { S3 = bucket }), time ?? TimeProvider.System);

    private async Task<byte[]> ImportAsync(int length)
    {
        using var folder = new TempFolder();
        var bytes = RandomNumberGenerator.GetBytes(length);
        await File.WriteAllBytesAsync(folder.File("a"), bytes, Token);
        await _store.ImportAsync(Key, folder.File("a"), Token);
        return bytes;
    }

    private async Task<List<string>> KeysAsync()
    {
        using var client = Swift.Client(_bucket);
        return [.. ((await client.ListObjectsV2Async(new() { BucketName = _bucket.Bucket }, Token)).S3Objects ?? []).Select(o => o.Key)];
    }
}
