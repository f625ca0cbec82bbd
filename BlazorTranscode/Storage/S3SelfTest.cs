using System.Net;
using Microsoft.Net.Http.Headers;

namespace BlazorTranscode.Storage;

/// <summary>
/// Does once with a few bytes everything that the app does with a bucket, and names the first operation that is missing or forbidden. What it
/// writes lies under a prefix that no media key can have; it is removed at the end, and what a crash has left there is removed an hour later.
/// </summary>
internal sealed class S3SelfTest(S3Bucket bucket, TimeProvider time)
{
    internal const string Prefix = ".selftest/";

    private const string Type = "audio/mpeg";
    private const string Name = "self test.mp3";
    private const int Patience = 10;

    private static readonly TimeSpan Leftover = TimeSpan.FromHours(1);
    private static readonly TimeSpan Lag = TimeSpan.FromMilliseconds(200);
    private static readonly byte[] Sample = "BlazorTranscode tries what it needs."u8.ToArray();
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) });

    // One name for all tests of this process, so that a bucket from which nothing may be deleted gets one object and not one a minute.
    private static readonly string Key = $"{Prefix}{Guid.NewGuid():N}";

    private string? _handle;
    private string _operation = "";
    private bool _mayLeaveSomething;

    /// <param name="isThorough">False asks only whether the bucket is there.</param>
    /// <returns>What does not work, or null.</returns>
    public async Task<StorageProblem?> RunAsync(bool isThorough, CancellationToken cancellationToken)
    {
        try
        {
            await (isThorough ? TryAllAsync(cancellationToken) : AskAsync(cancellationToken));
            return null;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            if (isThorough)
                await CleanUpAsync(cancellationToken);
            return fault is StorageUnavailableException { IsRefusal: false }
                ? new(fault.Message, StorageHealth.Away)
                : new($"The self-test failed at {_operation}. {fault.Message}", $"The storage does not do what the app needs of it: {_operation}.");
        }
    }

    private Task AskAsync(CancellationToken cancellationToken)
    {
        _operation = "HeadBucket";
        return bucket.AskForBucketAsync(cancellationToken);
    }

    private async Task TryAllAsync(CancellationToken cancellationToken)
    {
        await RemoveLeftoversAsync(cancellationToken);
        await TryMultipartAsync(cancellationToken);
        _operation = "PutObject";
        await bucket.PutAsync(Key, Sample, cancellationToken);
        await TryReadAsync(cancellationToken);
        await TryLinkAsync(cancellationToken);
        _operation = "DeleteObject";
        await bucket.DeleteAsync(Key, cancellationToken);
        if (await bucket.FindAsync(Key, cancellationToken) is not null)
            throw new UnexpectedAnswerException("The object is still there.");
    }

    private async Task RemoveLeftoversAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - Leftover;
        _operation = "ListObjectsV2";
        await foreach (var left in bucket.ListAsync(Prefix, cancellationToken).Where(o => o.Modified < before))
            await bucket.DeleteAsync(left.Key, cancellationToken);
        _operation = "ListMultipartUploads";
        await foreach (var left in bucket.ListUnfinishedAsync(Prefix, cancellationToken).Where(o => o.Modified < before))
            await bucket.AbortAsync(left.Key, left.Handle, cancellationToken);
    }

    /// <summary>One upload that is joined, and one that is thrown away.</summary>
    private async Task TryMultipartAsync(CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        _operation = "UploadPart with Content-MD5";
        await bucket.PutPartAsync(Key, _handle!, 1, Sample, cancellationToken);
        _operation = "ListParts";
        await UntilAsync(async () => (await bucket.PartsAsync(Key, _handle!, cancellationToken)).Sum(p => p.Size) == Sample.Length, cancellationToken);
        _operation = "ListMultipartUploads";
        await UntilAsync(async () => await bucket.ListUnfinishedAsync(Prefix, cancellationToken).AnyAsync(o => o.Handle == _handle, cancellationToken), cancellationToken);
        _operation = "CompleteMultipartUpload";
        await bucket.JoinAsync(Key, _handle!, await bucket.PartsAsync(Key, _handle!, cancellationToken), cancellationToken);
        await UntilAsync(async () => (await bucket.FindAsync(Key, cancellationToken))?.ContentLength == Sample.Length, cancellationToken);
        await BeginAsync(cancellationToken);
        _operation = "AbortMultipartUpload";
        await bucket.AbortAsync(Key, _handle!, cancellationToken);
        _handle = null;
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        _operation = "CreateMultipartUpload";
        _mayLeaveSomething = true;
        _handle = await bucket.BeginAsync(Key, cancellationToken);
    }

    private async Task TryReadAsync(CancellationToken cancellationToken)
    {
        _operation = "HeadObject";
        var found = await bucket.FindAsync(Key, cancellationToken) ?? throw new UnexpectedAnswerException("The object that was just put is not there.");
        _operation = "GetObject with Range and If-Match";
        const int From = 5;
        using var answer = await bucket.ReadAsync(Key, found.ETag, From, Sample.Length - 1, cancellationToken);
        var part = new byte[Sample.Length];
        var read = await answer.ResponseStream.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, cancellationToken);
        if (!part.AsSpan(0, read).SequenceEqual(Sample.AsSpan(From..^1)))
            throw new UnexpectedAnswerException("It gave other bytes than it was asked for.");
    }

    /// <summary>Fetches the object as a browser would.</summary>
    private async Task TryLinkAsync(CancellationToken cancellationToken)
    {
        _operation = "presigned links";
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(Name);
        using var answer = await Http.GetAsync(bucket.Link(Key, disposition, Type, time.GetUtcNow() + Leftover), cancellationToken);
        if (answer.StatusCode is not HttpStatusCode.OK || !(await answer.Content.ReadAsByteArrayAsync(cancellationToken)).SequenceEqual(Sample))
            throw new UnexpectedAnswerException($"A link was answered {(int)answer.StatusCode}.");
        _operation = "presigned links with response-content-disposition and response-content-type";
        var headers = answer.Content.Headers;
        if (headers.ContentType?.MediaType != Type || headers.ContentDisposition?.DispositionType != "attachment" || headers.ContentDisposition.FileNameStar != Name)
            throw new UnexpectedAnswerException("A link was answered without the name and the type that it asks for.");
    }

    /// <summary>Asks again for a while: some stores show what they have taken a moment late.</summary>
    private async Task UntilAsync(Func<Task<bool>> isShown, CancellationToken cancellationToken)
    {
        for (var tries = 0; !await isShown(); tries++)
        {
            if (tries == Patience)
                throw new UnexpectedAnswerException("It does not show what was just written.");
            await Task.Delay(Lag, time, cancellationToken);
        }
    }

    private async Task CleanUpAsync(CancellationToken cancellationToken)
    {
        if (!_mayLeaveSomething)
            return;
        try
        {
            if (_handle is not null)
                await bucket.AbortAsync(Key, _handle, cancellationToken);
            await bucket.DeleteAsync(Key, cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            // It is tried again as a leftover.
        }
    }

    private sealed class UnexpectedAnswerException(string message) : Exception(message);
}
