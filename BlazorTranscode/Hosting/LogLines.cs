using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace BlazorTranscode.Hosting;

/// <summary>
/// Writes an entry of the log as one line with its time (UTC), and what went wrong unexpectedly on indented lines below. The setting
/// <c>Logging:Console:FormatterName</c> chooses another form, such as <c>json</c>.
/// </summary>
internal sealed class LogLines(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lines";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var text = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (logEntry.Exception is { } expected && Outage.Is(expected) && !text.Contains(expected.Message, StringComparison.Ordinal))
            text = $"{text}: {expected.Message}";
        // A name that somebody gave to a file must not end a line and begin one of its own.
        textWriter.WriteLine($"{now} {LevelName(logEntry.LogLevel)} {logEntry.Category}: {string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter))}");
        if (logEntry.Exception is { } failure && !Outage.Is(failure))
        {
            foreach (var line in failure.ToString().Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
                textWriter.WriteLine("    " + line);
        }
    }

    private static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
