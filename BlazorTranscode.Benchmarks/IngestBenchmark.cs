using System.Diagnostics;
using System.Globalization;
using System.Text;
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
/// ratio to a server that only reads the body, and to one transaction per delivery. Every delivery finishes a job of its own. All three
/// take turns in one run, because figures of a shared machine are worth something only beside each other.
/// </summary>
internal static class IngestBenchmark
{
    private const int Rounds = 3;

    public static async Task RunAsync(int deliveries, int connections)
    {
        var folder = Directory.CreateTempSubdirectory("ingest-").FullName;
        try
        {
            await using var aws = await AwsSimulator.StartAsync();
            var topic = aws.CreateTopic();
            var warmUp = deliveries / 4;
            var jobs = await PrepareAsync(folder, deliveries + warmUp);
            Console.WriteLine($"{deliveries:N0} deliveries (and {warmUp:N0} to warm up), {connections} connections, {Environment.ProcessorCount} cores, client on the same machine");
            List<double> ofRaw = [], ofSingle = [], cpuOfRaw = [];
            for (var round = 1; round <= Rounds; round++)
            {
                // Signed anew each round: a delivery is accepted for an hour only.
                var requests = Sign(topic, jobs);
                var raw = await MeasureAsync("raw POST", [.. Enumerable.Repeat(requests, 5).SelectMany(r => r)], warmUp, connections, () => Server.StartAsync(typeof(IngestBenchmark).Assembly.Location, "raw-server", "{address}"));
                var grouped = await MeasureAsync("webhook", requests, warmUp, connections, () => StartAppAsync(folder, aws, topic, 64));
                await CheckAsync(folder, requests.Count);
                var few = requests.Take(requests.Count / 5).ToList();
                var single = await MeasureAsync("webhook, one per transaction", few, few.Count / 2, connections, () => StartAppAsync(folder, aws, topic, 1));
                await CheckAsync(folder, few.Count);
                ofRaw.Add(grouped.PerSecond / raw.PerSecond);
                ofSingle.Add(grouped.PerSecond / single.PerSecond);
                cpuOfRaw.Add(grouped.Cpu / raw.Cpu);
            }

            Console.WriteLine($"webhook / raw POST:            {Median(ofRaw):F3}   (goal: at least 0.15)");
            Console.WriteLine($"webhook / one per transaction: {Median(ofSingle):F2}    (goal: at least 3)");
            Console.WriteLine($"processor time of raw POST:    {Median(cpuOfRaw):F1} times");
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double PerSecond, double Cpu)> MeasureAsync(string name, List<byte[]> requests, int warmUp, int connections, Func<Task<Server>> start)
    {
        using var server = await start();
        LoadLoop.Run(server.Port, requests[..warmUp], connections);
        var before = server.Cpu;
        var time = LoadLoop.Run(server.Port, requests[warmUp..], connections);
        var count = requests.Count - warmUp;
        var result = (PerSecond: count / time.TotalSeconds, Cpu: (server.Cpu - before).TotalMicroseconds / count);
        Console.WriteLine($"  {name,-30} {result.PerSecond,9:N0}/s {result.Cpu,7:N0} us of processor time each");
        return result;
    }

    private static Task<Server> StartAppAsync(string folder, AwsSimulator aws, SimulatedTopic topic, int batch)
    {
        SqliteConnection.ClearAllPools();
        var data = Path.Combine(folder, "data");
        if (Directory.Exists(data))
            Directory.Delete(data, recursive: true);
        Directory.CreateDirectory(data);
        File.Copy(Path.Combine(folder, "template.db"), Path.Combine(data, "app.db"));
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

    private static List<byte[]> Sign(SimulatedTopic topic, List<TranscodeJob> jobs) =>
    [
        .. jobs.AsParallel().AsOrdered().Select(job =>
        {
            var body = Encoding.UTF8.GetBytes(topic.Notification(EnginePayloads.MediaConvert(job, "COMPLETE")).ToJson());
            var head = $"POST /webhooks/sns HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: {body.Length}\r\n\r\n";
            return (byte[])[.. Encoding.ASCII.GetBytes(head), .. body];
        }),
    ];

    /// <summary>A figure counts only if the work was done.</summary>
    private static async Task CheckAsync(string folder, int count)
    {
        await using var db = new AppDbContext(DesignTimeDatabase.Options($"Data Source={Path.Combine(folder, "data", "app.db")}").Options);
        var (messages, done) = (await db.Messages.CountAsync(), await db.TranscodeJobs.CountAsync(j => j.State == JobState.Succeeded));
        if (messages != count || done != count)
            throw new UnreachableException($"{count} deliveries made {messages} messages and finished {done} jobs.");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
