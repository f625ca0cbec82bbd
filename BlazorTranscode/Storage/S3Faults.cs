using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace BlazorTranscode.Storage;

/// <summary>Says what an S3 answered in words that name the setting to look at.</summary>
internal static class S3Faults
{
    /// <summary>Whether this is a fault of the store or of the way to it, and not of ours.</summary>
    /// <remarks>The time limit of a request comes as a cancellation that holds a <see cref="TimeoutException"/>.</remarks>
    public static bool IsOfTheStore(Exception fault) =>
        fault is AmazonServiceException or AmazonClientException || IsOfTheWay(fault);

    /// <summary>What to throw instead of what the SDK threw.</summary>
    public static IOException Translate(Exception fault, S3Options options) =>
        fault is AmazonS3Exception { ErrorCode: "QuotaExceeded" or "XMinioStorageFull" } or AmazonS3Exception { StatusCode: HttpStatusCode.InsufficientStorage }
            ? new StorageFullException(fault)
            : new StorageUnavailableException(Describe(fault, options), fault);

    private static bool IsOfTheWay(Exception? fault) =>
        fault is HttpRequestException or TimeoutException or WebException or IOException or OperationCanceledException { InnerException: TimeoutException };

    private static string Describe(Exception fault, S3Options options)
    {
        var where = options.ServiceUrl.Length > 0 ? options.ServiceUrl : options.Region.Length > 0 ? options.Region : "AWS";
        var address = options.ServiceUrl.Length > 0 ? "Storage:S3:ServiceUrl" : "Storage:S3:Region and this machine's way to AWS";
        return fault switch
        {
            AmazonS3Exception answer => Describe(answer, where, options),
            AmazonUnmarshallingException => $"What answers at {where} does not speak S3. Check {address}. {fault.Message}",
            _ when IsOfTheWay(fault) || (fault is AmazonServiceException && IsOfTheWay(fault.InnerException)) =>
                $"The S3 store at {where} cannot be reached: {fault.Message} Check {address}.",
            _ => $"The S3 store could not be asked: {fault.Message} Check that credentials can be found (Storage:S3:AccessKey and SecretKey, or the environment, a profile, single sign-on or a role).",
        };
    }

    private static string Describe(AmazonS3Exception answer, string where, S3Options options) => answer.ErrorCode switch
    {
        "NoSuchBucket" => $"Storage:S3:Bucket “{options.Bucket}” does not exist at {where}.",
        "PermanentRedirect" or "TemporaryRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" =>
            $"Storage:S3:Region is wrong: bucket “{options.Bucket}” is not in “{options.Region}”. {answer.Message}",
        "InvalidAccessKeyId" => "Storage:S3:AccessKey (or the access key of the environment, profile or role) is not known there.",
        "SignatureDoesNotMatch" => "Storage:S3:AccessKey and Storage:S3:SecretKey do not belong together (or those of the environment, profile or role), or Storage:S3:Region is wrong.",
        "ExpiredToken" or "InvalidToken" => "The session token of the AWS credentials has expired or is not valid: sign in again or check the role.",
        "RequestTimeTooSkewed" => "The clock of this machine is wrong: S3 refuses signatures more than 15 minutes off.",
        "AccessDenied" or "Forbidden" =>
            $"The credentials may not do this in Storage:S3:Bucket “{options.Bucket}”: it takes s3:GetObject, PutObject, DeleteObject, AbortMultipartUpload, ListMultipartUploadParts, ListBucket and ListBucketMultipartUploads.",
        _ => $"The S3 store at {where} answered {(int)answer.StatusCode} {answer.ErrorCode}: {answer.Message}",
    };
}

/// <summary>The store cannot be used now; trying again later may help. The message names the setting where one is at fault.</summary>
internal sealed class StorageUnavailableException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>Whether the store is there but refuses, or does not know, what it was asked; false if it did not answer or was overloaded.</summary>
    public bool IsRefusal => InnerException is AmazonS3Exception { StatusCode: >= HttpStatusCode.BadRequest and not (>= HttpStatusCode.InternalServerError and not HttpStatusCode.NotImplemented) };
}

/// <summary>More pieces arrive at once than the store's memory is for. The message is a sentence for the person.</summary>
internal sealed class StorageBusyException() : IOException("Many uploads are arriving at the moment. This one goes on by itself.");
