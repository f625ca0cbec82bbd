using System.ComponentModel.DataAnnotations;
using BlazorTranscode.Data;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>Settings under <c>Ffmpeg</c>.</summary>
[Settings("Ffmpeg")]
internal sealed class FfmpegOptions
{
    /// <summary>The program, absolute; ffprobe must lie beside it.</summary>
    [Required, RegularExpression("/.+", ErrorMessage = "Ffmpeg:Path must be an absolute path.")]
    public string Path { get; set; } = "/usr/bin/ffmpeg";

    /// <summary>Whether strangers' files may be decoded without bubblewrap around it, where that does not work.</summary>
    public bool AllowUnsandboxed { get; set; }

    /// <summary>The longest source; archives of a whole day still pass.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan MaxDuration { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The largest output in bytes. A day of CD sound as WAV is 15.2 GB.</summary>
    [Range(1 << 20, 1L << 42)]
    public long MaxOutputBytes { get; set; } = 16L << 30;

    /// <summary>Address space of one ffmpeg in bytes. Its libraries alone take a third of a GiB, and newer versions reserve much for their threads.</summary>
    [Range(512 << 20, 1L << 42)]
    public long MemoryBytes { get; set; } = 2L << 30;

    /// <summary>A job is stopped when it takes longer than the sound plays times this. An idle machine needs a thirtieth for all formats together.</summary>
    [Range(0.1, 100)]
    public double TimeFactor { get; set; } = 2;

    /// <summary>A job is stopped when nothing more was decoded for so long.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Where ffmpeg and ffprobe lie.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path)!;
}
