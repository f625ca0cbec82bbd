using System.ComponentModel;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>
/// Finds out whether files can be converted on this machine, by really running ffmpeg in the sandbox: at start, when a job could not start
/// it, and every minute while something is wrong. Until it works, jobs wait; they do not fail.
/// </summary>
internal sealed partial class FfmpegHealth(Sandbox sandbox, IOptions<FfmpegOptions> options, TimeProvider time, ILogger<FfmpegHealth> logger)
    : BackgroundService
{
    /// <summary>How long until a problem is looked at again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private const string Silent = "it did not answer.";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly string[] Encoders = ["libmp3lame", "aac", "libopus", "flac", "pcm_s16le"];

    private readonly PeriodicTimer _timer = new(Pause, time);
    private readonly SemaphoreSlim _turn = new(1);
    private bool _sandboxWorked;

    /// <summary>Why nothing can be converted, and what helps: a sentence or two for the operator. Null when all is well.</summary>
    public string? Problem { get; private set; } = "It has not been checked yet whether ffmpeg works.";

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LookAsync(thorough: false, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Looks at once, because a job could not start a program.</summary>
    public Task LookAgainAsync(CancellationToken cancellationToken) => LookAsync(thorough: true, cancellationToken);

    public override void Dispose()
    {
        base.Dispose();
        _timer.Dispose();
        _turn.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _timer.WaitForNextTickAsync(stoppingToken))
        {
            if (Problem is null)
                continue;
            try
            {
                await LookAsync(thorough: true, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogLookFailed(e);
            }
        }
    }

    /// <param name="thorough">Whether to run ffprobe too; at start it is enough that it is there.</param>
    private async Task LookAsync(bool thorough, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var found = await FindProblemAsync(thorough, cancellationToken);
            if (found is not null && found != Problem)
                LogProblem(found);
            else if (found is null && !sandbox.Isolated)
                LogUnsandboxed();
            else if (found is null && thorough && Problem is not null)
                LogWorksAgain();
            Problem = found;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<string?> FindProblemAsync(bool thorough, CancellationToken cancellationToken)
    {
        var missing = new[] { options.Value.Path, Probe }.FirstOrDefault(path => !File.Exists(path));
        if (missing is not null)
            return $"{missing} is missing. Install ffmpeg, and it is found within a minute; or say in Ffmpeg:Path where it is, and start again.";
        var sandboxed = await TryAsync(isolated: true, thorough, cancellationToken);
        if (sandboxed is null)
        {
            (_sandboxWorked, sandbox.Isolated) = (true, true);
            return null;
        }

        if (!options.Value.AllowUnsandboxed)
        {
            return $"ffmpeg cannot be run in its sandbox: {sandboxed} Install bubblewrap and let it use user namespaces, which is noticed within a minute; "
                + "or set Ffmpeg:AllowUnsandboxed to true to do without a sandbox, and start again.";
        }

        // A sandbox that has worked, or is only slow, will work again. Decoding without it is for machines that have none.
        if (_sandboxWorked || sandboxed == Silent)
            return $"ffmpeg cannot be run in its sandbox at the moment: {sandboxed}";
        if (await TryAsync(isolated: false, thorough, cancellationToken) is { } bare)
            return $"ffmpeg cannot be run: {bare}";
        sandbox.Isolated = false;
        return null;
    }

    private string Probe => Path.Combine(options.Value.Folder, "ffprobe");

    private async Task<string?> TryAsync(bool isolated, bool thorough, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var result = await RunAsync(options.Value.Path, ["-hide_banner", "-v", "error", "-encoders"]);
            if (result.ExitCode != 0)
                return FfmpegException.DetailOf(result).ReplaceLineEndings(" ");
            var lacking = Encoders.Where(encoder => !result.Output.Contains($" {encoder} ", StringComparison.Ordinal)).ToList();
            if (lacking.Count > 0)
                return $"it was built without {string.Join(", ", lacking)}.";
            return thorough && await RunAsync(Probe, ["-hide_banner", "-v", "error", "-version"]) is { ExitCode: not 0 } probed
                ? $"ffprobe: {FfmpegException.DetailOf(probed).ReplaceLineEndings(" ")}" : null;
        }
        catch (Win32Exception exception)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Silent;
        }

        Task<SandboxResult> RunAsync(string program, string[] arguments) => sandbox.RunAsync(
            new(program, arguments, null) { MemoryBytes = options.Value.MemoryBytes, Isolated = isolated }, null, either.Token);
    }

    [LoggerMessage(LogLevel.Error, "Nothing can be converted, and jobs wait: {Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(LogLevel.Error, "Whether ffmpeg works could not be found out; this is tried again in a minute")]
    private partial void LogLookFailed(Exception exception);

    [LoggerMessage(LogLevel.Information, "ffmpeg works again, and jobs go on")]
    private partial void LogWorksAgain();

    [LoggerMessage(LogLevel.Warning, "Strangers' files are decoded WITHOUT a sandbox, because bubblewrap does not work here and Ffmpeg:AllowUnsandboxed allows it. A hostile file that takes over ffmpeg can do whatever this app can")]
    private partial void LogUnsandboxed();
}
