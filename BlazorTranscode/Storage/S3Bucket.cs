using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Net.Http.Headers;

namespace BlazorTranscode.Storage;

/// <summary>
/// The requests the media store sends to its bucket. What goes wrong comes out as <see cref="FileNotFoundException"/> (no such object or
/// multipart upload), <see cref="StorageFullException"/> or <see cref="StorageUnavailableException"/>.
/// </summary>
internal sealed class S3Bucket(S3Options options) : IDisposable
{
    private readonly AmazonS3Client _client = S3ClientFactory.Create(options);

    /// <summary>Asks for the bucket itself: whether it is there and lets us in. Without a body there are no words for what is wrong.</summary>
    public Task AskForBucketAsync(CancellationToken cancellationToken) =>
        Ask(_client.HeadBucketAsync(new() { BucketName = options.Bucket }, cancellationToken));

    public async Task<string> BeginAsync(string key, CancellationToken cancellationToken) =>
        (await Ask(_client.InitiateMultipartUploadAsync(
            new() { BucketName = options.Bucket, Key = key, ContentType = "application/octet-stream" }, cancellationToken))).UploadId;

    public async Task<List<PartDetail>> PartsAsync(string key, string handle, CancellationToken cancellationToken)
    {
        List<PartDetail> parts = [];
        ListPartsResponse page;
        do
        {
            var after = parts.Count > 0 ? parts[^1].PartNumber?.ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
            page = await Ask(_client.ListPartsAsync(
                new() { BucketName = options.Bucket, Key = key, UploadId = handle, PartNumberMarker = after }, cancellationToken));
            parts.AddRange(page.Parts ?? []);
        }
        while (page.IsTruncated is true);
        return parts;
    }

    public Task PutPartAsync(string key, string handle, int number, ArraySegment<byte> bytes, CancellationToken cancellationToken) =>
        Ask(_client.UploadPartAsync(
            new()
            {
                BucketName = options.Bucket, Key = key, UploadId = handle, PartNumber = number, PartSize = bytes.Count,
                InputStream = AsStream(bytes), MD5Digest = Digest(bytes), UseChunkEncoding = false,
            }, cancellationToken));

    /// <summary>Joins the parts. The object itself is the only proof that it worked: S3 may answer 200 and fail afterwards.</summary>
    public Task JoinAsync(string key, string handle, List<PartDetail> parts, CancellationToken cancellationToken) =>
        Ask(_client.CompleteMultipartUploadAsync(
            new()
            {
                BucketName = options.Bucket, Key = key, UploadId = handle,
                PartETags = [.. parts.Select(p => new PartETag(p.PartNumber ?? 0, p.ETag))],
            }, cancellationToken));

    public Task AbortAsync(string key, string handle, CancellationToken cancellationToken) =>
        Ask(_client.AbortMultipartUploadAsync(new() { BucketName = options.Bucket, Key = key, UploadId = handle }, cancellationToken));

    public Task PutAsync(string key, ArraySegment<byte> bytes, CancellationToken cancellationToken) =>
        Ask(_client.PutObjectAsync(
            new()
            {
                BucketName = options.Bucket, Key = key, InputStream = AsStream(bytes), ContentType = "application/octet-stream",
                MD5Digest = Digest(bytes), UseChunkEncoding = false,
            }, cancellationToken));

    /// <summary>Size and version of an object, or null if there is none.</summary>
    public async Task<GetObjectMetadataResponse?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await Ask(_client.GetObjectMetadataAsync(options.Bucket, key, cancellationToken));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The bytes of one version of an object from a place on.</summary>
    public Task<GetObjectResponse> ReadAsync(string key, string etag, long from, long length, CancellationToken cancellationToken) =>
        Ask(_client.GetObjectAsync(
            new() { BucketName = options.Bucket, Key = key, EtagToMatch = etag, ByteRange = new ByteRange(from, length - 1) }, cancellationToken));

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var page = await Ask(_client.ListObjectsV2Async(
                new() { BucketName = options.Bucket, Prefix = prefix, ContinuationToken = next }, cancellationToken));
            foreach (var found in page.S3Objects ?? [])
                yield return new(found.Key, At(found.LastModified), found.Size ?? 0);
            next = page.IsTruncated is true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    public async IAsyncEnumerable<UnfinishedObject> ListUnfinishedAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ListMultipartUploadsResponse? page = null;
        do
        {
            var request = new ListMultipartUploadsRequest
            {
                BucketName = options.Bucket, Prefix = prefix, KeyMarker = page?.NextKeyMarker, UploadIdMarker = page?.NextUploadIdMarker,
            };
            page = await Ask(_client.ListMultipartUploadsAsync(request, cancellationToken));
            foreach (var upload in page.MultipartUploads ?? [])
                yield return new(upload.Key, upload.UploadId, At(upload.Initiated), null);
        }
        while (page.IsTruncated is true);
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await Ask(_client.DeleteObjectAsync(options.Bucket, key, cancellationToken));
        }
        catch (FileNotFoundException)
        {
            // Amazon's answers 204 to this, others 404.
        }
    }

    /// <summary>An address that anybody may fetch the object from until then.</summary>
    public Uri Link(string key, ContentDispositionHeaderValue disposition, string contentType, DateTimeOffset until) =>
        new(_client.GetPreSignedURL(new()
        {
            BucketName = options.Bucket,
            Key = key,
            Verb = HttpVerb.GET,
            Expires = until.UtcDateTime,
            Protocol = Origin.StartsWith("http:", StringComparison.OrdinalIgnoreCase) ? Protocol.HTTP : Protocol.HTTPS,
            ResponseHeaderOverrides = new() { ContentDisposition = disposition.ToString(), ContentType = contentType },
        }));

    public string Origin => new Uri(_client.DetermineServiceOperationEndpoint(new GetObjectRequest { BucketName = options.Bucket, Key = "x" }).URL).GetLeftPart(UriPartial.Authority);

    public void Dispose() => _client.Dispose();

    private async Task<T> Ask<T>(Task<T> answer)
    {
        try
        {
            return await answer;
        }
        catch (AmazonS3Exception fault) when (fault.StatusCode is HttpStatusCode.NotFound && fault.ErrorCode is not "NoSuchBucket")
        {
            throw new FileNotFoundException($"The S3 store knows no such object or upload: {fault.Message}", fault);
        }
        catch (Exception fault) when (S3Faults.IsOfTheStore(fault))
        {
            throw S3Faults.Translate(fault, options);
        }
    }

    private static DateTimeOffset At(DateTime? moment) => new(moment?.ToUniversalTime() ?? default);

    private static MemoryStream AsStream(ArraySegment<byte> bytes) => new(bytes.Array!, bytes.Offset, bytes.Count, writable: false);

    private static string Digest(ArraySegment<byte> bytes)
    {
#pragma warning disable CA5351 // Against bits that flip on the way, as S3's protocol wants it; not against people.
        return Convert.ToBase64String(MD5.HashData(bytes));
#pragma warning restore CA5351
    }
}
