using System.Diagnostics;
using System.Text.Json;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>Judges that others have written: packages of npm, installed by name and version when a test asks them.</summary>
internal static class NodePackages
{
    public static Task InstallAsync(this TempFolder folder, params string[] packages) =>
        RunAsync("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", folder.Path, .. packages]);

    /// <summary>Runs a script of this repository. It is told the folder with the packages and the arguments, and prints a JSON array of strings.</summary>
    public static async Task<string[]> AskAsync(this TempFolder folder, string script, params string[] arguments) =>
        JsonSerializer.Deserialize<string[]>(await RunAsync("node", [Repository.At(script), folder.Path, .. arguments]))!;

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program}: {await errors}");
        return output;
    }
}
