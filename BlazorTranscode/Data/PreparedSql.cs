using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace BlazorTranscode.Data;

/// <summary>
/// Statements for the one path that every report takes, a thousand times a second when engines are busy. Each is prepared once per open
/// connection; translating a query costs many times what SQLite then does with it. Values go through the model's own type mappings, so
/// the same text runs on every database.
/// </summary>
internal static class PreparedSql
{
    private static readonly ConditionalWeakTable<DbConnection, Dictionary<string, DbCommand>> Commands = [];
    private static readonly ConditionalWeakTable<IModel, ConcurrentDictionary<Type, RelationalTypeMapping?>> Mappings = [];
    private static readonly ConcurrentDictionary<IEntityType, (string Sql, IProperty[] Columns)> Inserts = new();

    extension(AppDbContext db)
    {
        /// <summary>Runs a statement inside the current transaction.</summary>
        /// <returns>How many rows it changed.</returns>
        public async Task<int> ExecutePreparedAsync(FormattableString sql, CancellationToken cancellationToken) =>
            await Prepare(db, sql).ExecuteNonQueryAsync(cancellationToken);

        /// <summary>Runs a statement inside the current transaction and reads the first row that it gives back; default if there is none.</summary>
        public async Task<T?> FirstPreparedAsync<T>(FormattableString sql, Func<DbDataReader, T> read, CancellationToken cancellationToken)
        {
            await using var reader = await Prepare(db, sql).ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? read(reader) : default;
        }

        /// <summary>Adds one row inside the current transaction, past the change tracker.</summary>
        /// <returns>False if a row with such a key was there already.</returns>
        public async Task<bool> TryInsertAsync<T>(T row, CancellationToken cancellationToken) where T : class
        {
            var (sql, columns) = Inserts.GetOrAdd(db.Model.FindEntityType(typeof(T))!, InsertOf);
            var command = CommandOf(db, sql);
            for (var i = 0; i < columns.Length; i++)
                Set(command, i, columns[i].GetRelationalTypeMapping(), columns[i].GetGetter().GetClrValue(row));
            return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
        }

        /// <inheritdoc cref="TryInsertAsync{T}"/>
        /// <exception cref="InvalidOperationException">A row with such a key was there already.</exception>
        public async Task InsertAsync<T>(T row, CancellationToken cancellationToken) where T : class
        {
            if (!await db.TryInsertAsync(row, cancellationToken))
                throw new InvalidOperationException($"There is such a {typeof(T).Name} already.");
        }
    }

    private static DbCommand Prepare(AppDbContext db, FormattableString sql)
    {
        var command = CommandOf(db, sql.Format);
        for (var i = 0; i < sql.ArgumentCount; i++)
        {
            var value = sql.GetArgument(i);
            Set(command, i, value is null ? null : MappingOf(db, value.GetType()), value);
        }

        return command;
    }

    private static RelationalTypeMapping? MappingOf(AppDbContext db, Type type) => Mappings.GetOrCreateValue(db.Model).GetOrAdd(type,
        static (type, db) => db.GetService<IRelationalTypeMappingSource>().FindMapping(type, db.Model), db);

    /// <summary>The command of this connection with this text, in which <c>{0}</c> is the first parameter.</summary>
    private static DbCommand CommandOf(AppDbContext db, string format)
    {
        var connection = db.Database.GetDbConnection();
        var commands = Commands.GetOrCreateValue(connection);
        if (!commands.TryGetValue(format, out var command))
        {
            commands[format] = command = connection.CreateCommand();
            var names = Enumerable.Range(0, format.Count(c => c == '{')).Select(object (i) => $"@p{i}").ToArray();
            command.CommandText = string.Format(CultureInfo.InvariantCulture, format, names);
        }

        command.Transaction = db.Database.CurrentTransaction!.GetDbTransaction();
        return command;
    }

    private static void Set(DbCommand command, int index, RelationalTypeMapping? mapping, object? value)
    {
        if (index == command.Parameters.Count)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"@p{index}";
            command.Parameters.Add(parameter);
        }

        command.Parameters[index].Value = (value is not null && mapping?.Converter is { } converter ? converter.ConvertToProvider(value) : value) ?? DBNull.Value;
    }

    private static (string Sql, IProperty[] Columns) InsertOf(IEntityType entity)
    {
        // A number that the database gives is left out.
        IProperty[] columns = [.. entity.GetProperties().Where(p => !(p.IsPrimaryKey() && p.ValueGenerated == ValueGenerated.OnAdd))];
        var names = string.Join(", ", columns.Select(c => $"\"{c.GetColumnName()}\""));
        return ($"INSERT INTO \"{entity.GetTableName()}\" ({names}) VALUES ({string.Join(", ", columns.Select((_, i) => $"{{{i}}}"))}) ON CONFLICT DO NOTHING", columns);
    }
}
