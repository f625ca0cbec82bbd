using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using BlazorTranscode.Storage;
using Microsoft.AspNetCore.Http;

namespace BlazorTranscode.Tests.Storage;

/// <content>Joining the parts.</content>
public sealed partial class S3MediaStoreTests
{
    /// <summary>Amazon's S3 knows nothing of a multipart upload that was joined; the one we test against still does.</summary>
    [Fact]
    public async Task Complete_ItDiedBetweenJoiningAndTidying_TidiesTheSecondTime()
    {
        await using var faulty = await FaultyS3.StartAsync(_bucket);
        using var store = Open(faulty.Bucket);
        var handle = await store.BeginAsync(Key, Token);
        await store.AppendAsync(Key, handle, 0, PipeReader.Create(new MemoryStream(new byte[400])), 1000, Token);
        await store.AppendAsync(Key, handle, 400, PipeReader.Create(new MemoryStream(new byte[600])), 600, Token);
        faulty.Fault = async context => context.Request.Query.ContainsKey("list-type") && await FaultyS3.AnswerAsync(context, HttpStatusCode.Forbidden, "AccessDenied");
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.CompleteAsync(Key, handle, 1000, Token));
        faulty.Fault = async context => context.Request.Query.ContainsKey("uploadId") && await FaultyS3.AnswerAsync(context, HttpStatusCode.NotFound, "NoSuchUpload");

        await store.CompleteAsync(Key, handle, 1000, Token);

        Assert.Equal([Key], await KeysAsync());
    }

    [Fact]
    public async Task Complete_AnObjectOfAnotherLengthWasJoined_IsRefused()
    {
        await using var faulty = await FaultyS3.StartAsync(_bucket);
        using var store = Open(faulty.Bucket);
        await ImportAsync(400);
        faulty.Fault = async context => context.Request.Query.ContainsKey("uploadId") && await FaultyS3.AnswerAsync(context, HttpStatusCode.NotFound, "NoSuchUpload");

        await Assert.ThrowsAsync<IncompleteObjectException>(() => store.CompleteAsync(Key, "joined-before", 1000, Token));
    }

    /// <summary>Now and then Swift does not find an object while the same parts are joined once more, because it replaces the file.</summary>
    [Fact]
    public async Task Complete_TheObjectIsShownLate_WaitsForIt()
    {
        await using var faulty = await FaultyS3.StartAsync(_bucket);
        using var store = Open(faulty.Bucket);
        var (handle, length) = await AppendTwoPartsAsync();
        var late = 2;
        faulty.Fault = async context =>
            context.Request.Method == "HEAD" && Interlocked.Decrement(ref late) >= 0 && await FaultyS3.AnswerAsync(context, HttpStatusCode.NotFound, "NoSuchKey");

        await store.CompleteAsync(Key, handle, length, Token);

        Assert.True(late < 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Complete_PartsAreListedLate_WaitsForThem(int listed)
    {
        await using var faulty = await FaultyS3.StartAsync(_bucket);
        using var store = Open(faulty.Bucket);
        var (handle, length) = await AppendTwoPartsAsync();
        var late = 2;
        faulty.Fault = async context => IsListing(context) && Interlocked.Decrement(ref late) >= 0 && await ListOnlyAsync(context, handle, listed);

        await store.CompleteAsync(Key, handle, length, Token);

        await using var whole = await store.OpenAsync(Key, Token);
        Assert.Equal(length, whole.Length);
        Assert.True(late < 0);
    }

    [Fact]
    public async Task Complete_APartIsNotListed_IsRefused_AndDoneWhenItIs()
    {
        await using var faulty = await FaultyS3.StartAsync(_bucket);
        using var store = Open(faulty.Bucket);
        var (handle, length) = await AppendTwoPartsAsync();
        faulty.Fault = async context => IsListing(context) && await ListOnlyAsync(context, handle, 1);

        var refusal = await Assert.ThrowsAsync<IncompleteObjectException>(() => store.CompleteAsync(Key, handle, length, Token));

        Assert.Contains($"{S3MediaStore.PartLength} bytes of {Key} instead of {length}", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FileNotFoundException>(() => store.OpenAsync(Key, Token));
        faulty.Fault = _ => Task.FromResult(false);
        await store.CompleteAsync(Key, handle, length, Token);
    }

    private static bool IsListing(HttpContext context) => context.Request.Method == "GET" && context.Request.Query.ContainsKey("uploadId");

    private async Task<bool> ListOnlyAsync(HttpContext context, string handle, int count)
    {
        using var client = Swift.Client(_bucket);
        var parts = (await client.ListPartsAsync(new() { BucketName = _bucket.Bucket, Key = Key, UploadId = handle }, Token)).Parts;
        var shown = parts.Take(count).Select(p => $"<Part><PartNumber>{p.PartNumber}</PartNumber><ETag>{p.ETag}</ETag><Size>{p.Size}</Size></Part>");
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync($"<ListPartsResult><IsTruncated>false</IsTruncated>{string.Concat(shown)}</ListPartsResult>");
        return true;
    }

    private async Task<(string Handle, int Length)> AppendTwoPartsAsync()
    {
        var bytes = new byte[S3MediaStore.PartLength + 1000];
        var handle = await _store.BeginAsync(Key, Token);
        await _store.AppendAsync(Key, handle, 0, PipeReader.Create(new ReadOnlySequence<byte>(bytes)), bytes.Length, Token);
        return (handle, bytes.Length);
    }
}
