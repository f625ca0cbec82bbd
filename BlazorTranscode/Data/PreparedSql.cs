using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace BlazorTranscode.Data;

/// <summary>
/// Statements for the one path that every report takes, thousands of times a second when engines are busy. Each is compiled once per open
/// connection and goes to SQLite as it is: translating a query costs many times what SQLite then does with it, and ADO.NET half as much again.
/// </summary>
internal static class PreparedSql
{
    private static readonly ConditionalWeakTable<SqliteConnection, Dictionary<string, PreparedStatement>> Statements = [];
    private static readonly ConcurrentDictionary<IEntityType, (string Sql, Func<object, object?>[] Values)> Inserts = new();

    extension(AppDbContext db)
    {
        /// <summary>Runs a statement inside the current transaction. Its text is a literal; what stands in braces is bound.</summary>
        /// <returns>How many rows it changed.</returns>
        public int ExecutePrepared(FormattableString sql) => Bound(db, sql).Execute();

        /// <summary>Runs a statement inside the current transaction and reads the first row that it gives back; default if there is none.</summary>
        public T? FirstPrepared<T>(FormattableString sql, Func<PreparedStatement, T> read) => Bound(db, sql).First(read);

        /// <summary>Adds one row inside the current transaction, past the change tracker.</summary>
        /// <returns>False if a row with such a key was there already.</returns>
        public bool TryInsert<T>(T row) where T : class
        {
            var (sql, values) = Inserts.GetOrAdd(db.Model.FindEntityType(typeof(T))!, InsertOf);
            var statement = Prepared(db, sql);
            for (var i = 0; i < values.Length; i++)
                statement.Bind(i + 1, values[i](row));
            return statement.Execute() == 1;
        }

        /// <inheritdoc cref="TryInsert{T}"/>
        /// <exception cref="InvalidOperationException">A row with such a key was there already.</exception>
        public void Insert<T>(T row) where T : class
        {
            if (!db.TryInsert(row))
                throw new InvalidOperationException($"There is such a {typeof(T).Name} already.");
        }
    }

    private static PreparedStatement Bound(AppDbContext db, FormattableString sql)
    {
        var statement = Prepared(db, sql.Format);
        for (var i = 0; i < sql.ArgumentCount; i++)
            statement.Bind(i + 1, sql.GetArgument(i));
        return statement;
    }

    /// <summary>The statement of this connection with this text, in which <c>{0}</c> is the first parameter.</summary>
    private static PreparedStatement Prepared(AppDbContext db, string format)
    {
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("A prepared statement runs inside a transaction.");
        var connection = (SqliteConnection)db.Database.GetDbConnection();
        var statements = Statements.GetValue(connection, StatementsOf);
        if (!statements.TryGetValue(format, out var statement))
        {
            var names = Enumerable.Range(1, format.Count(c => c == '{')).Select(object (i) => $"?{i}").ToArray();
            statements[format] = statement = new(connection.Handle!, string.Format(CultureInfo.InvariantCulture, format, names));
        }

        return statement;
    }

    private static Dictionary<string, PreparedStatement> StatementsOf(SqliteConnection connection)
    {
        // The texts are literals, so the same text is the same object, and nobody need read it through to find its statement.
        Dictionary<string, PreparedStatement> statements = new(ReferenceEqualityComparer.Instance);
        // SQLite closes a file only when no statement is left on it.
        connection.StateChange += (_, change) =>
        {
            if (change.CurrentState != System.Data.ConnectionState.Closed)
                return;
            foreach (var statement in statements.Values)
                statement.Dispose();
            statements.Clear();
        };
        return statements;
    }

    private static (string Sql, Func<object, object?>[] Values) InsertOf(IEntityType entity)
    {
        // A number that the database gives is left out.
        IProperty[] columns = [.. entity.GetProperties().Where(p => !(p.IsPrimaryKey() && p.ValueGenerated == ValueGenerated.OnAdd))];
        var names = string.Join(", ", columns.Select(c => $"\"{c.GetColumnName()}\""));
        var sql = $"INSERT INTO \"{entity.GetTableName()}\" ({names}) VALUES ({string.Join(", ", columns.Select((_, i) => $"{{{i}}}"))}) ON CONFLICT DO NOTHING";
        return (sql, [.. columns.Select(ValueOf)]);
    }

    /// <summary>How a column's value is found in a row, as it is stored.</summary>
    private static Func<object, object?> ValueOf(IProperty column)
    {
        var getter = column.GetGetter();
        return column.GetTypeMapping().Converter is { } converter ? row => converter.ConvertToProvider(getter.GetClrValue(row)) : getter.GetClrValue;
    }
}
