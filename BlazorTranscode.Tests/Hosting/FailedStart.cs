using System.Diagnostics;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>The app as a process that is expected to end by itself.</summary>
internal static class FailedStart
{
    /// <summary>Starts the app with these settings and waits until it ends. What is still running at the deadline is killed and fails the test.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params IEnumerable<string> args)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        // After the arguments, because a command is the first of them. Of two settings of one name the last one holds.
        string[] anyPort = args.Any(argument => argument.StartsWith("--urls=", StringComparison.Ordinal)) ? [] : ["--urls=http://127.0.0.1:0"];
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(AppDbContext).Assembly.Location, .. args, .. anyPort])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken).WaitAsync(Eventually.Deadline, cancellationToken);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
