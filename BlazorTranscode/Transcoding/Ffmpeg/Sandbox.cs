namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>Runs a program with limits, and with nothing around it that it could read, write or call.</summary>
internal sealed class Sandbox(SandboxThread thread, TimeProvider time)
{
    private const int OutputChars = 1 << 20, ErrorChars = 64 << 10, LineChars = 1000;
    private static readonly TimeSpan PipeGrace = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether bubblewrap is around the program: no network, no files but its own. Without it only the limits remain.
    /// <see cref="FfmpegHealth"/> finds out what this machine can do.
    /// </summary>
    public bool Isolated { get; set; } = true;

    /// <summary>Runs it to its end.</summary>
    /// <param name="onLine">Takes standard output line by line; without it the result holds its start.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; by then the program and its children are gone.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">Nothing could be started at all.</exception>
    public async Task<SandboxResult> RunAsync(SandboxCommand command, Action<string>? onLine, CancellationToken cancellationToken)
    {
        using var process = await thread.StartAsync(command.ToStartInfo(command.Isolated ?? Isolated));
        process.StandardInput.Close();
        var output = onLine is null ? BoundedReading.KeepStartAsync(process.StandardOutput, OutputChars) : ReadLinesAsync(process.StandardOutput, onLine);
        var errors = BoundedReading.KeepEndAsync(process.StandardError, ErrorChars);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await ProcessGroup.KillAsync(process, time);
            throw;
        }
        finally
        {
            // A child that outlives its parent holds the pipes open, and their reading would never end.
            ProcessGroup.KillRest(process);
            await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(PipeGrace, time, CancellationToken.None));
        }

        return new(process.ExitCode, output.IsCompletedSuccessfully ? await output : "", errors.IsCompletedSuccessfully ? await errors : "");
    }

    private static async Task<string> ReadLinesAsync(TextReader reader, Action<string> onLine)
    {
        await BoundedReading.ReadLinesAsync(reader, LineChars, onLine);
        return "";
    }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its code; 128 and the signal if a signal ended it.</param>
/// <param name="Output">The start of its standard output, unless that was taken line by line.</param>
/// <param name="Errors">The end of its standard error.</param>
internal sealed record SandboxResult(int ExitCode, string Output, string Errors);
