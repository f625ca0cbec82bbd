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

    /// <summary>
    /// How long a job waits before its second attempt; twice as long before the third. Also how often the app looks whether what keeps all
    /// jobs waiting has passed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most that a job waits before another attempt, in units of <see cref="RetryDelay"/>.</summary>
    private const int MostDelays = 30;

    /// <summary>No job waits longer than this before another attempt.</summary>
    public TimeSpan LongestDelay => RetryDelay * MostDelays;

    /// <summary>
    /// How long a job waits after an attempt that was prevented: longer each time, so that one that is prevented again and again does not
    /// hold up the rest.
    /// </summary>
    public TimeSpan DelayAfter(int attempt) => RetryDelay * Math.Clamp(attempt, 1, MostDelays);

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
