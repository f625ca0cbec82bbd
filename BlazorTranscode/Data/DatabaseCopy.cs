using Microsoft.Data.Sqlite;

namespace BlazorTranscode.Data;

/// <summary>Copies a database that may be in use.</summary>
internal static class DatabaseCopy
{
    /// <summary>What the database holds at this moment, as one file that has no log beside it and that others on the machine cannot read.</summary>
    /// <exception cref="IOException">There is a file of that name already, or it cannot be written.</exception>
    public static async Task WriteAsync(SqliteConnection from, string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
            throw new IOException($"There is a file {path} already.");
        var part = $"{path}.part";
        File.Delete(part);
        try
        {
            CreatePrivate(part);
            await using (var command = from.CreateCommand())
            {
                command.CommandText = "VACUUM INTO $path";
                command.Parameters.AddWithValue("$path", part);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            DurableFile.Publish(part, path);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>SQLite writes into an empty file, and keeps the rights that it has.</summary>
    private static void CreatePrivate(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(path, options).Dispose();
    }
}
