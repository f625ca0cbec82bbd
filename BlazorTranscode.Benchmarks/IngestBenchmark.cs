using System.Diagnostics;
using System.Globalization;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.FakeAws;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.MediaConvert;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Benchmarks;

/// <summary>
/// Deliveries per second that are verified and durable with all they cause (row, job state, rendition, mailbox version, message), as a
/// ratio to a server that only reads the body, to deliveries that change no job, and to one transaction per delivery. Every delivery
/// finishes a job of its own. All four take turns in one run, because figures of a shared machine are worth something only beside each other.
/// </summary>
internal static class IngestBenchmark
{
    private const int Rounds = 5;
    private const int Seconds = 2;

    /// <param name="deliveries">How many are at hand for each server to be sent once; so many that they do not run out within two seconds.</param>
    public static async Task RunAsync(int deliveries, int connections)
    {
        DataRegistration.ForgetMemoryStatistics();
        var folder = Directory.CreateTempSubdirectory("ingest-").FullName;
        try
        {
            await using var aws = await AwsSimulator.StartAsync();
            var topic = aws.CreateTopic();
            var jobs = await PrepareAsync(folder, deliveries * 2);
            Console.WriteLine($"{Rounds} rounds of {Seconds} seconds each after {Seconds} to warm up, wrk with 1 thread and {connections} connections on the same machine, {Environment.ProcessorCount} cores");
            // Signed once: a delivery is accepted for an hour, and each server begins with a database that knows none.
            var (news, other) = (await Bodies.WriteAsync(folder, "news", Sign(topic, jobs)), await Bodies.WriteAsync(folder, "other", SignOther(topic, jobs.Count)));
            List<double> ofRaw = [], ofRow = [], ofSingle = [], limitOfRaw = [], cpuOfRaw = [];
            for (var round = 1; round <= Rounds; round++)
            {
                var raw = await MeasureAsync("raw POST", news, connections, () => Server.StartAsync(typeof(IngestBenchmark).Assembly.Location, "raw-server", "{address}"));
                var row = await MeasureAsync("webhook, nobody's job", other, connections, () => StartAppAsync(folder, aws, topic, 64));
                var grouped = await MeasureAsync("webhook", news, connections, () => StartAppAsync(folder, aws, topic, 64));
                await CheckAsync(folder, grouped.Answers, connections);
                var single = await MeasureAsync("webhook, one per transaction", news, connections, () => StartAppAsync(folder, aws, topic, 1));
                await CheckAsync(folder, single.Answers, connections);
                var limit = MeasureLimit(folder, jobs, connections);
                ofRow.Add(grouped.PerSecond / row.PerSecond);
                ofRaw.Add(grouped.PerSecond / raw.PerSecond);
                limitOfRaw.Add(limit / raw.PerSecond);
                ofSingle.Add(grouped.PerSecond / single.PerSecond);
                cpuOfRaw.Add(grouped.Cpu / raw.Cpu);
            }

            Console.WriteLine($"webhook / raw POST:            {Median(ofRaw):F3}   (goal: at least 0.15)");
            Console.WriteLine($"SQLite alone / raw POST:       {Median(limitOfRaw):F3}   (no webhook with one writer and these rows can be faster)");
            Console.WriteLine($"webhook / nobody's job:        {Median(ofRow):F2}    (the rest is what the job, its rendition and the message cost)");
            Console.WriteLine($"webhook / one per transaction: {Median(ofSingle):F2}    (goal: at least 3)");
            Console.WriteLine($"processor time of raw POST:    {Median(cpuOfRaw):F1} times");
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(int Answers, double PerSecond, double Cpu)> MeasureAsync(string name, Bodies bodies, int connections, Func<Task<Server>> start)
    {
        using var server = await start();
        // What was copied and deleted before is not to reach the disk while a commit waits for it.
        using (var sync = Process.Start("sync"))
            await sync.WaitForExitAsync();
        var before = Wrk.Post(server.Port, bodies.WarmUp, Seconds, connections).Answers;
        var cpuBefore = server.Cpu;
        var (answers, time) = Wrk.Post(server.Port, bodies.Measured, Seconds, connections);
        var (perSecond, cpu) = (answers / time.TotalSeconds, (server.Cpu - cpuBefore).TotalMicroseconds / answers);
        Console.WriteLine($"  {name,-30} {perSecond,9:N0}/s {cpu,7:N0} us of processor time each");
        return (before + answers, perSecond, cpu);
    }

    private static double MeasureLimit(string folder, List<TranscodeJob> jobs, int batch)
    {
        var perSecond = SqliteLimit.Measure(Path.Combine(NewData(folder), "app.db"), jobs, batch);
        Console.WriteLine($"  {"SQLite alone",-30} {perSecond,9:N0}/s");
        return perSecond;
    }

    private static string NewData(string folder)
    {
        SqliteConnection.ClearAllPools();
        var data = Path.Combine(folder, "data");
        if (Directory.Exists(data))
            Directory.Delete(data, recursive: true);
        Directory.CreateDirectory(data);
        File.Copy(Path.Combine(folder, "template.db"), Path.Combine(data, "app.db"));
        return data;
    }

    private static Task<Server> StartAppAsync(string folder, AwsSimulator aws, SimulatedTopic topic, int batch)
    {
        var data = NewData(folder);
        return Server.StartAsync(typeof(DataOptions).Assembly.Location, "--urls", "{address}", "--Data:Folder", data, "--Sns:TopicArns:0", topic.Arn,
            "--Sns:TestEndpoint", aws.Origin, "--Sns:BatchSize", batch.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A database in which an engine elsewhere is at work on this many files of a thousand people.</summary>
    private static async Task<List<TranscodeJob>> PrepareAsync(string folder, int count)
    {
        var now = DateTimeOffset.UtcNow;
        List<TranscodeJob> jobs = [];
        await using var db = new AppDbContext(DesignTimeDatabase.Options($"Data Source={Path.Combine(folder, "template.db")}").Options);
        await db.Database.MigrateAsync();
        for (var i = 0; i < count; i++)
        {
            var file = new AudioFile { Id = Guid.CreateVersion7(), OwnerId = $"user{i % 1000}", Name = "song.mp3", Length = 1, StorageKey = $"sources/{i}", UploadedAt = now };
            jobs.Add(new()
            {
                Id = Guid.CreateVersion7(), AudioFileId = file.Id, OwnerId = file.OwnerId, PresetIds = ["mp3"], State = JobState.Submitted, Attempt = 1,
                Engine = MediaConvertEvent.Engine, EngineJobId = $"1671477617078-{i:d6}", CreatedAt = now, StartedAt = now,
            });
            db.AddRange(file, jobs[^1]);
            if (i % 1000 != 999 && i != count - 1)
                continue;
            await db.SaveChangesAsync();
            db.ChangeTracker.Clear();
        }

        return jobs;
    }

    private static string[] Sign(SimulatedTopic topic, List<TranscodeJob> jobs) =>
        [.. jobs.AsParallel().AsOrdered().Select(job => topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE")).ToJson())];

    /// <summary>Messages that are in no format we know: checked and kept as a row, and nothing more.</summary>
    private static string[] SignOther(SimulatedTopic topic, int count) =>
        [.. ParallelEnumerable.Range(0, count).Select(_ => topic.Notification(new string('x', 800)).ToJson())];

    /// <summary>A figure counts only if the work was done: each answered delivery finished a job, and few that wrk did not wait for at its end.</summary>
    private static async Task CheckAsync(string folder, int answers, int connections)
    {
        await using var db = new AppDbContext(DesignTimeDatabase.Options($"Data Source={Path.Combine(folder, "data", "app.db")}").Options);
        var (messages, done) = (await db.Messages.CountAsync(), await db.TranscodeJobs.CountAsync(j => j.State == JobState.Succeeded));
        if (messages != done || done < answers || done > answers + 2 * connections)
            throw new UnreachableException($"{answers} answers, {messages} messages, {done} jobs finished. If there are too few of these, take more deliveries.");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Two files of deliveries, one a line, so that no server is sent the same one twice.</summary>
    private sealed record Bodies(string WarmUp, string Measured)
    {
        public static async Task<Bodies> WriteAsync(string folder, string name, string[] bodies)
        {
            var files = new Bodies(Path.Combine(folder, $"{name}-warm-up"), Path.Combine(folder, $"{name}-measured"));
            await File.WriteAllLinesAsync(files.WarmUp, bodies[..(bodies.Length / 2)]);
            await File.WriteAllLinesAsync(files.Measured, bodies[(bodies.Length / 2)..]);
            return files;
        }
    }
}
