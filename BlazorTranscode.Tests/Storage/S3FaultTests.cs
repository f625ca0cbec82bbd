using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Storage;

/// <summary>What the store does when the S3 behind it fails (F27), and what it says when a setting is wrong.</summary>
public sealed class S3FaultTests(Swift swift)
{
    private const int MiB = 1024 * 1024;
    private const string Key = "sources/a";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, "SlowDown")]
    [InlineData(HttpStatusCode.InternalServerError, "InternalError")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable")]
    public async Task Append_EveryOtherRequestFails_IsWholeAnyway(HttpStatusCode status, string code)
    {
        await using var faulty = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        var count = 0;
        faulty.Fault = async context => Interlocked.Increment(ref count) % 2 == 1 && await FaultyS3.AnswerAsync(context, status, code);

        Assert.Equal(await UploadAsync(faulty.Bucket, 17 * MiB), await ReadAsync(faulty.Bucket));
    }

    [Fact]
    public async Task Append_TheConnectionIsResetWithAPartOnTheWay_IsWholeAnyway()
    {
        await using var faulty = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        var resets = 2;
        faulty.Fault = context =>
        {
            var reset = context.Request.Query.ContainsKey("partNumber") && context.Request.Method is "PUT" && Interlocked.Decrement(ref resets) >= 0;
            if (reset)
                context.Abort();
            return Task.FromResult(reset);
        };

        Assert.Equal(await UploadAsync(faulty.Bucket, 17 * MiB), await ReadAsync(faulty.Bucket));
        Assert.True(resets < 0);
    }

    [Fact]
    public async Task Append_S3StaysDown_SaysSoAndKeepsWhatIsThere()
    {
        await using var faulty = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        using var store = S3MediaStoreTests.Open(faulty.Bucket);
        var handle = await store.BeginAsync(Key, Token);
        await store.AppendAsync(Key, handle, 0, Body(new byte[9 * MiB]), 20 * MiB, Token);
        faulty.Fault = context => FaultyS3.AnswerAsync(context, HttpStatusCode.ServiceUnavailable, "SlowDown");

        var fault = await Assert.ThrowsAsync<StorageUnavailableException>(
            () => store.AppendAsync(Key, handle, 9 * MiB, Body(new byte[11 * MiB]), 11 * MiB, Token));

        Assert.Contains("SlowDown", fault.Message, StringComparison.Ordinal);
        faulty.Fault = _ => Task.FromResult(false);
        Assert.Equal(9 * MiB, await store.OffsetAsync(Key, handle, Token));
    }

    [Fact]
    public async Task Append_APartIsChangedOnItsWay_IsRefusedByTheServerAndSentAgain()
    {
        await using var faulty = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        var changes = 1;
        faulty.Fault = async context =>
        {
            if (context.Request.Query.ContainsKey("partNumber") && Interlocked.Decrement(ref changes) >= 0)
            {
                using var copy = new MemoryStream();
                await context.Request.Body.CopyToAsync(copy);
                copy.GetBuffer()[4711] ^= 1;
                copy.Position = 0;
                context.Request.Body = copy;
            }

            return false;
        };

        Assert.Equal(await UploadAsync(faulty.Bucket, 9 * MiB), await ReadAsync(faulty.Bucket));
        Assert.True(changes < 0);
    }

    [Fact]
    public async Task Open_TheAnswerBreaksOff_GoesOnFromThere()
    {
        await using var faulty = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        var bytes = await UploadAsync(faulty.Bucket, 3 * MiB);
        faulty.CutAnswerAfter = 2 * MiB;

        Assert.Equal(bytes, await ReadAsync(faulty.Bucket));
        Assert.Null(faulty.CutAnswerAfter);
    }

    /// <summary>F28: an answer that stands still for half a minute is asked for again.</summary>
    [Fact]
    public async Task Open_TheAnswerStandsStill_IsAskedForAgain()
    {
        await using var faulty = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        var bytes = await UploadAsync(faulty.Bucket, 1 * MiB);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var store = S3MediaStoreTests.Open(faulty.Bucket, time);
        await using var stream = await store.OpenAsync(Key, Token);
        var hanging = 0;
        faulty.Fault = async context =>
        {
            if (Interlocked.Increment(ref hanging) > 1)
                return false;
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };

        var copy = new byte[bytes.Length];
        var reading = stream.ReadExactlyAsync(copy, Token).AsTask();
        await Eventually.TrueAsync(() => hanging == 1);
        Assert.False(reading.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(31));

        await reading;
        Assert.Equal(bytes, copy);
    }

    [Fact]
    public async Task Complete_TheAnswerIsLost_IsDoneTheSecondTime()
    {
        await using var faulty = await FaultyS3.StartAsync(await swift.NewBucketAsync());
        using var store = S3MediaStoreTests.Open(faulty.Bucket);
        var handle = await store.BeginAsync(Key, Token);
        await store.AppendAsync(Key, handle, 0, Body(new byte[1000]), 1000, Token);
        using (var beside = S3MediaStoreTests.Open(faulty.Bucket))
            await beside.CompleteAsync(Key, handle, 1000, Token);

        await store.CompleteAsync(Key, handle, 1000, Token);

        Assert.Equal(new byte[1000], await ReadAsync(faulty.Bucket));
    }

    [Theory]
    [InlineData("no-such-bucket", null, null, "Storage:S3:Bucket “no-such-bucket” does not exist")]
    [InlineData(null, "nobody:there", null, "Storage:S3:AccessKey")]
    [InlineData(null, null, "wrong", "Storage:S3:SecretKey")]
    public async Task Begin_AWrongSetting_IsNamed(string? name, string? accessKey, string? secretKey, string words)
    {
        var bucket = await swift.NewBucketAsync();
        bucket.Bucket = name ?? bucket.Bucket;
        bucket.AccessKey = accessKey ?? bucket.AccessKey;
        bucket.SecretKey = secretKey ?? bucket.SecretKey;
        using var store = S3MediaStoreTests.Open(bucket);

        var fault = await Assert.ThrowsAsync<StorageUnavailableException>(() => store.BeginAsync(Key, Token));

        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_OfTheWay_NamesTheAddress_AndOneOfTheCredentials_Them()
    {
        var options = new S3Options { Bucket = "media", ServiceUrl = "http://store.example:9000" };

        var refused = S3Faults.Translate(new HttpRequestException("Connection refused"), options).Message;
        var wrapped = S3Faults.Translate(new Amazon.Runtime.AmazonServiceException("Connection refused", new HttpRequestException()), options).Message;
        var unknown = S3Faults.Translate(new Amazon.Runtime.AmazonClientException("Failed to resolve AWS credentials.", new HttpRequestException()), options).Message;

        Assert.All([refused, wrapped], sentence => Assert.Contains("http://store.example:9000 cannot be reached: Connection refused Check Storage:S3:ServiceUrl.", sentence, StringComparison.Ordinal));
        Assert.Contains("Check that credentials can be found", unknown, StringComparison.Ordinal);
    }

    private static PipeReader Body(byte[] bytes) => PipeReader.Create(new ReadOnlySequence<byte>(bytes));

    private static async Task<byte[]> UploadAsync(S3Options bucket, int length)
    {
        using var store = S3MediaStoreTests.Open(bucket);
        var bytes = RandomNumberGenerator.GetBytes(length);
        var handle = await store.BeginAsync(Key, Token);
        Assert.Equal(length, await store.AppendAsync(Key, handle, 0, Body(bytes), length, Token));
        await store.CompleteAsync(Key, handle, length, Token);
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(S3Options bucket)
    {
        using var store = S3MediaStoreTests.Open(bucket);
        await using var stream = await store.OpenAsync(Key, Token);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Token);
        return copy.ToArray();
    }
}
