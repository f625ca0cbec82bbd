using System.ComponentModel.DataAnnotations;

namespace BlazorTranscode.Transcoding;

/// <summary>Settings under <c>Transcoding</c>.</summary>
internal sealed class TranscodingOptions
{
    /// <summary>How many jobs this process works on at once; 0 means cores less one, and at least one.</summary>
    [Range(0, 256)]
    public int MaxJobs { get; set; }

    public int EffectiveMaxJobs => MaxJobs > 0 ? MaxJobs : Math.Max(1, Environment.ProcessorCount - 1);
}
