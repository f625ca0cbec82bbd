using System.Globalization;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>Asks ffprobe what is in a file, in the same sandbox that will convert it.</summary>
internal sealed class Ffprobe(Sandbox sandbox, IOptions<FfmpegOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <param name="folder">The job's folder.</param>
    /// <param name="file">The file as seen from its <c>out</c>.</param>
    /// <exception cref="FfmpegException">It is nothing that can be converted.</exception>
    public async Task<SourceInfo> ReadAsync(string folder, string file, CancellationToken cancellationToken)
    {
        IEnumerable<string> arguments =
        [
            // Warnings, because one of them tells that the duration is a guess.
            "-hide_banner", "-v", "warning", .. FfmpegArguments.Guard,
            "-show_entries", "format=format_name,duration:stream=index,codec_type,codec_name,sample_rate,channels,bits_per_raw_sample,bits_per_sample,duration:stream_disposition=default,attached_pic",
            "-of", "json", "-i", $"file:{file}",
        ];
        var command = new SandboxCommand(Path.Combine(options.Value.Folder, "ffprobe"), arguments, folder) { MemoryBytes = options.Value.MemoryBytes };
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        SandboxResult result;
        try
        {
            result = await sandbox.RunAsync(command, null, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FfmpegException(string.Create(CultureInfo.InvariantCulture, $"It could not be examined within {Timeout.TotalSeconds} seconds."), retryable: true);
        }

        return result.ExitCode == 0
            ? SourceInfo.Parse(result.Output, result.Errors.Contains("Estimating duration from bitrate", StringComparison.Ordinal))
            : throw FfmpegException.From(result, decoded: false);
    }
}
