using System.ComponentModel.DataAnnotations;
using BlazorTranscode.Data;

namespace BlazorTranscode.Uploads;

/// <summary>Settings under <c>Uploads</c>.</summary>
[Settings("Uploads")]
internal sealed class UploadOptions
{
    /// <summary>The largest file in bytes. The default holds an hour of 24-bit stereo at 96 kHz.</summary>
    [Range(1, long.MaxValue)]
    public long MaxBytes { get; set; } = 2L << 30;

    /// <summary>How many uploads one person may have begun and not finished.</summary>
    [Range(1, 10_000)]
    public int MaxUnfinished { get; set; } = 100;

    /// <summary>How long an upload may rest before it is thrown away.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan KeepUnfinished { get; set; } = TimeSpan.FromHours(24);
}
