using System.Reflection;
using BlazorTranscode.Accounts;
using BlazorTranscode.Data;

namespace BlazorTranscode.Hosting;

/// <summary>What the program does instead of serving, when its first argument is a word.</summary>
internal static class Commands
{
    private const string Help = """
        BlazorTranscode serves until it is stopped, unless its first argument is a command:

          reset-password ADDRESS   prints a link that sets a new password; beside a running app
          backup FILE|FOLDER       copies the database; beside a running app
          restore FILE             puts a copy of the database back; while no app runs on the data folder
          --version, --help

        Settings are arguments too, after a command or without one: --Data:Folder=/srv/audio
        """;

    private static string Version => typeof(Commands).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The arguments without a command and what it is about: the framework would take a path for a setting, and what follows for its value.</summary>
    public static string[] SettingsIn(string[] args) =>
        args is not [[not ('-' or '/'), ..] word, ..] || word.Contains('=') ? args
        : args is [_, [not '-', ..], ..] ? args[2..] : args[1..];

    /// <summary>Runs the command that the arguments name; true means that there is nothing to serve.</summary>
    /// <exception cref="StartRefusedException">It cannot be done.</exception>
    public static async Task<bool> RunCommandAsync(this WebApplication app, string[] args)
    {
        var database = app.Services.GetRequiredService<DatabaseCommands>;
        switch (args)
        {
            case ["reset-password", ..]:
                Environment.ExitCode = await AccountCommands.PrintResetLinkAsync(app, args.ElementAtOrDefault(1) ?? "") ? 0 : 1;
                return true;
            case ["backup", [not '-', ..] target, ..]:
                Console.WriteLine(await database().BackupAsync(target, CancellationToken.None));
                return true;
            case ["restore", [not '-', ..] file, ..]:
                Console.WriteLine(await database().RestoreAsync(file, CancellationToken.None));
                return true;
            case ["--version", ..]:
                Console.WriteLine($"BlazorTranscode {Version}");
                return true;
            case ["--help" or "-h" or "help", ..]:
                Console.WriteLine(Help);
                return true;
            // A setting starts with a dash or a slash, or has an equals sign.
            case [[not ('-' or '/'), ..] word, ..] when !word.Contains('='):
                throw new StartRefusedException($"“{word}” is no command, or what it needs is missing.\n\n{Help}");
            default:
                return false;
        }
    }
}
