using System.ComponentModel.DataAnnotations;
using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Storage;

/// <summary>Settings under <c>Storage</c>.</summary>
[Settings("Storage")]
internal sealed class StorageOptions
{
    /// <summary>A folder of this machine, or a bucket.</summary>
    public StorageProvider Provider { get; set; } = StorageProvider.Local;

    /// <summary>Bytes of the disk that neither files nor work on them ever fill, so that the database beside them can still be written.</summary>
    [Range(0, long.MaxValue)]
    public long ReserveBytes { get; set; } = 512L << 20;

    /// <summary>
    /// Bytes that one person may have: sources, formats, begun uploads as announced, and what running jobs may make. 0 is no limit;
    /// administrators have none.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long MaxBytesPerPerson { get; set; } = 50L << 30;

    /// <summary>The bucket; read only when <see cref="Provider"/> is S3.</summary>
    public S3Options S3 { get; set; } = new();
}

/// <summary>Lists everything that is wrong with the chosen provider's settings, so that nobody has to start the app once for each.</summary>
internal sealed class StorageOptionsCheck : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        List<string> failures = options.Provider is StorageProvider.S3 ? [.. options.S3.Failures()] : [];
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }
}

internal enum StorageProvider
{
    Local,
    S3,
}
