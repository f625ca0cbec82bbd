using System.ComponentModel.DataAnnotations;
using BlazorTranscode.Data;

namespace BlazorTranscode.Transcoding;

/// <summary>Settings under <c>Transcoding</c>.</summary>
[Settings("Transcoding")]
internal sealed class TranscodingOptions
{
    /// <summary>Who converts.</summary>
    public TranscodingEngine Engine { get; set; } = TranscodingEngine.Ffmpeg;

    /// <summary>How many jobs this process works on at once; 0 means cores less one, and at least one.</summary>
    [Range(0, 256)]
    public int MaxJobs { get; set; }

    /// <summary>How long a job waits before its second attempt; twice as long before the third. Also how long until an unavailable engine is tried again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    public int EffectiveMaxJobs => MaxJobs > 0 ? MaxJobs : Math.Max(1, Environment.ProcessorCount - 1);
}

internal enum TranscodingEngine
{
    /// <summary>This machine.</summary>
    Ffmpeg,

    /// <summary>AWS Elemental MediaConvert.</summary>
    MediaConvert,

    /// <summary>A service that speaks like Amazon Elastic Transcoder, which AWS has switched off.</summary>
    ElasticTranscoder,
}
