using System.Net;
using Amazon.S3;

namespace BlazorTranscode.Storage;

/// <summary>Says what an S3 answered in words that name the setting to look at.</summary>
internal static class S3Faults
{
    /// <summary>What to throw instead of what the SDK threw.</summary>
    public static IOException Translate(Exception fault, S3Options options) =>
        fault is AmazonS3Exception { ErrorCode: "QuotaExceeded" or "XMinioStorageFull" } or AmazonS3Exception { StatusCode: HttpStatusCode.InsufficientStorage }
            ? new StorageFullException(fault)
            : new StorageUnavailableException(Describe(fault, options), fault);

    private static string Describe(Exception fault, S3Options options)
    {
        if (fault is not AmazonS3Exception answer)
            return $"The S3 store could not be asked: {fault.Message} Check that credentials can be found (Storage:S3:AccessKey and SecretKey, or the environment, a profile, single sign-on or a role).";
        var where = options.ServiceUrl.Length > 0 ? options.ServiceUrl : options.Region.Length > 0 ? options.Region : "AWS";
        return answer.ErrorCode switch
        {
            "NoSuchBucket" => $"Storage:S3:Bucket “{options.Bucket}” does not exist at {where}.",
            "PermanentRedirect" or "TemporaryRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" =>
                $"Storage:S3:Region is wrong: bucket “{options.Bucket}” is not in “{options.Region}”. {answer.Message}",
            "InvalidAccessKeyId" => "Storage:S3:AccessKey (or the access key of the environment, profile or role) is not known there.",
            "SignatureDoesNotMatch" => "Storage:S3:AccessKey and Storage:S3:SecretKey do not belong together (or those of the environment, profile or role), or Storage:S3:Region is wrong.",
            "ExpiredToken" or "InvalidToken" => "The session token of the AWS credentials has expired or is not valid: sign in again or check the role.",
            "RequestTimeTooSkewed" => "The clock of this machine is wrong: S3 refuses signatures more than 15 minutes off.",
            "AccessDenied" or "Forbidden" =>
                $"The credentials may not do this in Storage:S3:Bucket “{options.Bucket}”: it takes s3:GetObject, PutObject, DeleteObject, AbortMultipartUpload, ListMultipartUploadParts and ListBucket.",
            _ => $"The S3 store at {where} answered {(int)answer.StatusCode} {answer.ErrorCode}: {answer.Message}",
        };
    }
}

/// <summary>The store cannot be used now; trying again later may help. The message names the setting where one is at fault.</summary>
internal sealed class StorageUnavailableException(string message, Exception? inner = null) : IOException(message, inner);
