using System.ComponentModel.DataAnnotations;

namespace BlazorTranscode.Storage;

/// <summary>Settings under <c>Storage</c>.</summary>
internal sealed class StorageOptions
{
    /// <summary>Bytes of the disk that files never fill, so that the database beside them can still be written.</summary>
    [Range(0, long.MaxValue)]
    public long ReserveBytes { get; set; } = 512L << 20;
}
