using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace BlazorTranscode.Data;

/// <summary>
/// One statement, compiled on one connection. Values are bound by position and stored as EF Core's provider for SQLite stores them.
/// Its own errors are <see cref="SqliteException"/>s, as those of the provider.
/// </summary>
internal sealed class PreparedStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    public PreparedStatement(sqlite3 connection, string sql)
    {
        _connection = connection;
        Check(raw.sqlite3_prepare_v2(connection, sql, out _statement));
    }

    /// <param name="position">From 1.</param>
    public void Bind(int position, object? value) => Check(value switch
    {
        null => raw.sqlite3_bind_null(_statement, position),
        string text => raw.sqlite3_bind_text(_statement, position, text),
        int number => raw.sqlite3_bind_int(_statement, position, number),
        long number => raw.sqlite3_bind_int64(_statement, position, number),
        Guid id => Bind(position, id),
        DateTimeOffset moment => raw.sqlite3_bind_int64(_statement, position, moment.UtcTicks),
        TimeSpan span => raw.sqlite3_bind_text(_statement, position, span.ToString("c")),
        _ => throw new NotSupportedException($"A {value.GetType().Name} cannot be bound."),
    });

    /// <summary>Runs it to its end.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Execute()
    {
        try
        {
            while (Step())
            {
            }

            return raw.sqlite3_changes(_connection);
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>Runs it to its end.</summary>
    /// <returns>What <paramref name="read"/> made of the first row; default if there was none.</returns>
    public T? First<T>(Func<PreparedStatement, T> read)
    {
        try
        {
            if (!Step())
                return default;
            var first = read(this);
            // The keys to other tables are checked at the end.
            while (Step())
            {
            }

            return first;
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
    }

    public string GetString(int column) => GetNullableString(column) ?? throw new InvalidOperationException($"Column {column} is null.");

    public string? GetNullableString(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public int GetInt32(int column) => raw.sqlite3_column_int(_statement, column);

    public long GetInt64(int column) => raw.sqlite3_column_int64(_statement, column);

    public Guid GetGuid(int column) => Guid.Parse(GetString(column));

    public void Dispose() => _statement.Dispose();

    private int Bind(int position, Guid id)
    {
        Span<byte> text = stackalloc byte[36];
        id.TryFormat(text, out _);
        System.Text.Ascii.ToUpperInPlace(text, out _);
        return raw.sqlite3_bind_text(_statement, position, text);
    }

    /// <returns>True if there is a row to read, false at the end.</returns>
    private bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        Check(result);
        return result == raw.SQLITE_ROW;
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _connection);
}
