using System.Diagnostics;
using System.Globalization;
using BlazorTranscode.Data;
using BlazorTranscode.Transcoding;
using SQLitePCL;

namespace BlazorTranscode.Benchmarks;

/// <summary>
/// How fast one writer could be at the most: SQLite alone, asked for what one delivery costs it (the job read and moved, five more rows), as
/// the app sets it up, and without HTTP, a signature or JSON, in transactions of as many as connections.
/// </summary>
internal sealed class SqliteLimit : IDisposable
{
    private readonly sqlite3 _db;
    private readonly string _body = new('x', 800);
    private readonly sqlite3_stmt _begin, _commit, _read, _delivery, _job, _name, _file, _rendition, _mailbox, _version, _message;

    private SqliteLimit(string file)
    {
        Check(raw.sqlite3_open(file, out _db));
        Check(raw.sqlite3_exec(_db, SqlitePragmas.Pragmas));
        (_begin, _commit) = (Prepare("BEGIN IMMEDIATE"), Prepare("COMMIT"));
        _read = Prepare("SELECT AudioFileId, OwnerId, PresetIds, State, Attempt, Engine, EngineJobId, CreatedAt FROM TranscodeJobs WHERE Id = ?");
        _delivery = Prepare("""
            INSERT INTO Deliveries (TopicArn, MessageId, Type, SignatureVersion, SentAt, ReceivedAt, RemoteAddress, Outcome, JobId, EngineJobId, Body, Repeats)
            VALUES (?, ?, 1, 2, ?, ?, '127.0.0.1', 2, ?, ?, ?, 0) ON CONFLICT DO NOTHING
            """);
        _job = Prepare("UPDATE TranscodeJobs SET State = 10, FinishedAt = ?, HeardBy = 2, NextCheckAt = NULL WHERE Id = ? AND Attempt = 1 AND State IN (1, 2)");
        _name = Prepare("SELECT Name FROM AudioFiles WHERE Id = ?");
        _file = Prepare("UPDATE AudioFiles SET Duration = ? WHERE Id = ?");
        _rendition = Prepare("INSERT INTO Renditions (Id, AudioFileId, PresetId, StorageKey, Length, Duration, CreatedAt) VALUES (?, ?, 'mp3', ?, 0, '00:00:30', ?) ON CONFLICT DO NOTHING");
        _mailbox = Prepare("INSERT INTO Mailboxes VALUES (?, 1) ON CONFLICT (UserId) DO UPDATE SET Version = Mailboxes.Version + 1");
        _version = Prepare("SELECT Version FROM Mailboxes WHERE UserId = ?");
        _message = Prepare("""
            INSERT INTO Messages (Id, OwnerId, Kind, Text, FileId, JobId, CreatedAt, ShownInTabs, Version)
            VALUES (?, ?, 1, '“song.mp3” is ready.', ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING
            """);
    }

    /// <summary>Deliveries per second, into a database that is then thrown away.</summary>
    public static double Measure(string file, List<TranscodeJob> jobs, int batch)
    {
        using var limit = new SqliteLimit(file);
        foreach (var chunk in jobs[..(jobs.Count / 2)].Chunk(batch))
            limit.Write(chunk);
        var watch = Stopwatch.StartNew();
        foreach (var chunk in jobs[(jobs.Count / 2)..].Chunk(batch))
            limit.Write(chunk);
        return (jobs.Count - jobs.Count / 2) / watch.Elapsed.TotalSeconds;
    }

    public void Dispose() => _db.Dispose();

    private void Write(TranscodeJob[] jobs)
    {
        var now = DateTimeOffset.UtcNow.UtcTicks.ToString(CultureInfo.InvariantCulture);
        Run(_begin);
        foreach (var job in jobs)
        {
            var (id, file) = (Text(job.Id), Text(job.AudioFileId));
            Run(_read, id);
            Run(_delivery, "arn:aws:sns:eu-central-1:000000000000:blazortranscode", Guid.NewGuid().ToString(), now, now, id, job.EngineJobId!, _body);
            Run(_job, now, id);
            Run(_name, file);
            Run(_file, "00:00:30", file);
            Run(_rendition, Text(Guid.CreateVersion7()), file, $"renditions/{job.Id:N}/1/audio.mp3", now);
            Run(_mailbox, job.OwnerId);
            Run(_version, job.OwnerId);
            Run(_message, Text(Guid.CreateVersion7()), job.OwnerId, file, id, now, "1");
        }

        Run(_commit);
    }

    // As the app stores it.
    private static string Text(Guid id) => id.ToString().ToUpperInvariant();

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_db, sql, out var statement));
        return statement;
    }

    private void Run(sqlite3_stmt statement, params ReadOnlySpan<string> values)
    {
        for (var i = 0; i < values.Length; i++)
            raw.sqlite3_bind_text(statement, i + 1, values[i]);
        int result;
        while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
        {
            for (var i = 0; i < raw.sqlite3_column_count(statement); i++)
                raw.sqlite3_column_text(statement, i);
        }

        Check(result);
        raw.sqlite3_reset(statement);
    }

    private void Check(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE))
            throw new UnreachableException(raw.sqlite3_errmsg(_db).utf8_to_string());
    }
}
