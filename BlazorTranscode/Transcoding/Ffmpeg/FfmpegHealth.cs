using System.ComponentModel;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>
/// Finds out once, at start, whether files can be converted on this machine, by really running ffmpeg in the sandbox. Until it can, jobs
/// wait; they do not fail.
/// </summary>
internal sealed partial class FfmpegHealth(Sandbox sandbox, IOptions<FfmpegOptions> options, TimeProvider time, ILogger<FfmpegHealth> logger) : IHostedService
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly string[] Encoders = ["libmp3lame", "aac", "libopus", "flac", "pcm_s16le"];

    /// <summary>Why nothing can be converted, and what helps: a sentence or two for the operator. Null when all is well.</summary>
    public string? Problem { get; private set; } = "It has not been checked yet whether ffmpeg works.";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var folder = options.Value.Folder;
        var missing = new[] { options.Value.Path, Path.Combine(folder, "ffprobe") }.FirstOrDefault(path => !File.Exists(path));
        Problem = missing is not null
            ? $"{missing} is missing. Install ffmpeg, or say in Ffmpeg:Path where it is, and start again."
            : await TryAsync(isolated: true, cancellationToken) is not { } sandboxed ? null
            : !options.Value.AllowUnsandboxed ? $"ffmpeg cannot be run in its sandbox: {sandboxed} Install bubblewrap and let it use user namespaces, or set Ffmpeg:AllowUnsandboxed to true to do without a sandbox, and start again."
            : await TryAsync(isolated: false, cancellationToken) is { } bare ? $"ffmpeg cannot be run: {bare}" : null;
        if (Problem is not null)
            LogProblem(Problem);
        else if (!sandbox.Isolated)
            LogUnsandboxed();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<string?> TryAsync(bool isolated, CancellationToken cancellationToken)
    {
        sandbox.Isolated = isolated;
        var command = new SandboxCommand(options.Value.Path, ["-hide_banner", "-v", "error", "-encoders"], null) { MemoryBytes = options.Value.MemoryBytes };
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var result = await sandbox.RunAsync(command, null, either.Token);
            if (result.ExitCode != 0)
                return FfmpegException.DetailOf(result).ReplaceLineEndings(" ");
            var lacking = Encoders.Where(encoder => !result.Output.Contains($" {encoder} ", StringComparison.Ordinal)).ToList();
            return lacking.Count == 0 ? null : $"it was built without {string.Join(", ", lacking)}.";
        }
        catch (Win32Exception exception)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "it did not answer.";
        }
    }

    [LoggerMessage(LogLevel.Error, "Nothing can be converted, and jobs wait: {Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(LogLevel.Warning, "Strangers' files are decoded WITHOUT a sandbox, because bubblewrap does not work here and Ffmpeg:AllowUnsandboxed allows it. A hostile file that takes over ffmpeg can do whatever this app can")]
    private partial void LogUnsandboxed();
}
