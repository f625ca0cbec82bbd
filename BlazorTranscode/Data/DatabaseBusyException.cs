using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace BlazorTranscode.Data;

/// <summary>A write waited as long as it may and did not get its turn, or not SQLite's lock. Nothing was written; the same request may succeed later.</summary>
internal sealed class DatabaseBusyException(Exception? inner = null) : SqliteException(Sentence, raw.SQLITE_BUSY)
{
    public const string Sentence = "The database is busy. Please try again in a moment.";

    /// <summary>What SQLite said last, if it was asked.</summary>
    public Exception? Refusal { get; } = inner;

    /// <summary>Whether this is why something failed; EF Core wraps what it was thrown.</summary>
    public static bool IsCauseOf(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is DatabaseBusyException)
                return true;
        }

        return false;
    }
}
