using BlazorTranscode.Tests.Hosting;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Data;

/// <summary>Commands beside an app that may be running, on its data folder.</summary>
internal static class CommandRuns
{
    public static Task<(int ExitCode, string Output, string Errors)> CommandAsync(this AppProcess app, params string[] command) =>
        FailedStart.RunAsync([.. command, $"--Data:Folder={app.DataFolder}"]);

    /// <summary>One that is refused in sentences.</summary>
    /// <returns>What it said.</returns>
    public static async Task<string> RefusedAsync(this AppProcess app, params string[] command)
    {
        var (exitCode, output, errors) = await app.CommandAsync(command);
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
        return errors;
    }
}
