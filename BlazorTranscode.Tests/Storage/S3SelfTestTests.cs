using System.Net;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace BlazorTranscode.Tests.Storage;

/// <summary>What a thorough look finds in an S3 that lacks something.</summary>
public sealed class S3SelfTestTests(Swift swift)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Look_AtAnS3ThatHasAll_FindsNothing_AndLeavesNothing()
    {
        var bucket = await swift.NewBucketAsync();
        using var store = S3MediaStoreTests.Open(bucket);

        Assert.Null(await store.LookAsync(isThorough: true, Stop));
        Assert.Null(await store.LookAsync(isThorough: false, Stop));

        using var client = Swift.Client(bucket);
        Assert.Empty((await client.ListObjectsV2Async(new() { BucketName = bucket.Bucket }, Stop)).S3Objects ?? []);
        Assert.Empty((await client.ListMultipartUploadsAsync(bucket.Bucket, Stop)).MultipartUploads ?? []);
    }

    [Theory]
    [InlineData("ListObjectsV2", HttpStatusCode.Forbidden, "AccessDenied")]
    [InlineData("CreateMultipartUpload", HttpStatusCode.Forbidden, "AccessDenied")]
    [InlineData("UploadPart with Content-MD5", HttpStatusCode.BadRequest, "InvalidRequest")]
    [InlineData("ListParts", HttpStatusCode.MethodNotAllowed, "MethodNotAllowed")]
    [InlineData("ListMultipartUploads", HttpStatusCode.NotImplemented, "NotImplemented")]
    [InlineData("CompleteMultipartUpload", HttpStatusCode.BadRequest, "InvalidPart")]
    [InlineData("AbortMultipartUpload", HttpStatusCode.Forbidden, "AccessDenied")]
    [InlineData("PutObject", HttpStatusCode.Forbidden, "AccessDenied")]
    [InlineData("GetObject with Range and If-Match", HttpStatusCode.NotImplemented, "NotImplemented")]
    [InlineData("presigned links", HttpStatusCode.Forbidden, "AccessDenied")]
    [InlineData("DeleteObject", HttpStatusCode.Forbidden, "AccessDenied")]
    public async Task Look_AtAnS3WithoutAnOperation_NamesItToAnybody_AndTheAnswerToTheOperator(string operation, HttpStatusCode status, string code)
    {
        await using var faulty = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        faulty.Fault = async context => Is(context.Request) && await FaultyS3.AnswerAsync(context, status, code);
        using var store = S3MediaStoreTests.Open(faulty.Bucket);

        var problem = await store.LookAsync(isThorough: true, Stop);

        Assert.Equal($"The storage does not do what the app needs of it: {operation}.", problem?.ForAnybody);
        Assert.Contains(operation, problem!.ForOperator, StringComparison.Ordinal);

        bool Is(HttpRequest request) => operation switch
        {
            "ListObjectsV2" => request.Query.ContainsKey("list-type"),
            "CreateMultipartUpload" => request.Method == "POST" && request.Query.ContainsKey("uploads"),
            "UploadPart with Content-MD5" => request.Query.ContainsKey("partNumber"),
            "ListParts" => request.Method == "GET" && request.Query.ContainsKey("uploadId"),
            "ListMultipartUploads" => request.Method == "GET" && request.Query.ContainsKey("uploads"),
            "CompleteMultipartUpload" => request.Method == "POST" && request.Query.ContainsKey("uploadId"),
            "AbortMultipartUpload" => request.Method == "DELETE" && request.Query.ContainsKey("uploadId"),
            "PutObject" => request.Method == "PUT" && !request.Query.ContainsKey("uploadId"),
            "GetObject with Range and If-Match" => request.Headers.ContainsKey("Range"),
            "presigned links" => request.Query.ContainsKey("X-Amz-Signature"),
            _ => request.Method == "DELETE" && !request.Query.ContainsKey("uploadId"),
        };
    }

    [Fact]
    public async Task Look_AtAnS3ThatIgnoresTheHeadersOfALink_SaysSo()
    {
        await using var faulty = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        faulty.Fault = context =>
        {
            if (context.Request.Query.ContainsKey("X-Amz-Signature"))
            {
                context.Response.OnStarting(() =>
                {
                    context.Response.ContentType = "application/octet-stream";
                    return Task.CompletedTask;
                });
            }

            return Task.FromResult(false);
        };
        using var store = S3MediaStoreTests.Open(faulty.Bucket);

        Assert.Contains("response-content-type", (await store.LookAsync(isThorough: true, Stop))?.ForAnybody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_AtAnS3ThatIsAway_NamesTheAddressToTheOperatorAlone()
    {
        var bucket = new S3Options { Bucket = "media", ServiceUrl = $"http://127.0.0.1:{FreePort.Find()}", ForcePathStyle = true, AccessKey = "a", SecretKey = "b" };
        using var store = S3MediaStoreTests.Open(bucket);

        var problem = await store.LookAsync(isThorough: true, Stop);

        Assert.Equal(StorageHealth.Away, problem?.ForAnybody);
        Assert.Contains("Storage:S3:ServiceUrl", problem!.ForOperator, StringComparison.Ordinal);
        Assert.Contains(bucket.ServiceUrl, problem.ForOperator, StringComparison.Ordinal);
        Assert.DoesNotContain("redentials", problem.ForOperator, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_WithoutAPermission_SaysAllThatAreNeeded()
    {
        await using var faulty = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        faulty.Fault = async context => context.Request.Method == "GET" && context.Request.Query.ContainsKey("uploads")
            && await FaultyS3.AnswerAsync(context, HttpStatusCode.Forbidden, "AccessDenied");
        using var store = S3MediaStoreTests.Open(faulty.Bucket);

        Assert.Contains("ListBucketMultipartUploads", (await store.LookAsync(isThorough: true, Stop))?.ForOperator, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_LeavesOutWhatTheAppKeepsForItself()
    {
        var bucket = await swift.NewBucketAsync();
        using var client = Swift.Client(bucket);
        foreach (var key in new[] { ".selftest/x", ".blazortranscode-store", "sources/a", "unfinished/sources/a/0" })
            await client.PutObjectAsync(new() { BucketName = bucket.Bucket, Key = key, ContentBody = "x", UseChunkEncoding = false }, Stop);
        await client.InitiateMultipartUploadAsync(bucket.Bucket, ".selftest/y", Stop);
        using var store = S3MediaStoreTests.Open(bucket);

        Assert.Equal(["sources/a"], await store.ListAsync(Stop).Select(o => o.Key).ToListAsync(Stop));
        Assert.Empty(await store.ListUnfinishedAsync(Stop).ToListAsync(Stop));
    }
}
