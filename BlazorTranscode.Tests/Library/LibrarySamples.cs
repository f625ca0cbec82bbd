using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.Extensions.Logging.Abstractions;

namespace BlazorTranscode.Tests.Library;

/// <summary>Files of a person as the app would have left them, with rows and bytes.</summary>
internal static class LibrarySamples
{
    public static readonly byte[] Bytes = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    public static async Task<AudioFile> AddFileAsync(
        this TestApp app, TestUser owner, string name, JobState state = JobState.Succeeded, string? reason = null, TimeSpan? age = null,
        long length = 1000, string? detail = null, bool bytes = true, params Preset[] formats)
    {
        var uploaded = DateTimeOffset.UtcNow - (age ?? TimeSpan.FromMinutes(5));
        await using var db = await app.OpenDatabaseAsync();
        var done = state == JobState.Succeeded;
        var file = new AudioFile
        {
            Id = Guid.CreateVersion7(uploaded), OwnerId = owner.Id, Name = name, Length = length, StorageKey = $"sources/{Guid.NewGuid():N}",
            UploadedAt = uploaded, Duration = done ? TimeSpan.FromSeconds(length / 24_000.0 + 1) : null,
        };
        db.AudioFiles.Add(file);
        if (bytes)
            await app.StoreAsync(file.StorageKey, Bytes);
        foreach (var format in done && formats.Length == 0 ? [Preset.Mp3, Preset.Flac] : formats)
        {
            var key = $"renditions/{Guid.NewGuid():N}{format.Extension}";
            if (bytes)
                await app.StoreAsync(key, Bytes);
            db.Renditions.Add(new()
            {
                Id = Guid.CreateVersion7(), AudioFileId = file.Id, PresetId = format.Id, StorageKey = key, Length = length * 3 / 5,
                Duration = file.Duration ?? TimeSpan.FromSeconds(1), CreatedAt = uploaded,
            });
        }
        db.TranscodeJobs.Add(new()
        {
            Id = Guid.CreateVersion7(), AudioFileId = file.Id, OwnerId = owner.Id, PresetIds = ["mp3", "flac"], State = state, Attempt = 1,
            CreatedAt = uploaded, StartedAt = uploaded, FinishedAt = state.IsTerminal() ? uploaded : null,
            EngineJobId = state.IsTerminal() ? null : "sample", // otherwise the app would work on it
            Reason = reason, Detail = detail,
        });
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return file;
    }

    public static async Task<Message> AddMessageAsync(this TestApp app, TestUser owner, AudioFile file, MessageKind kind, string text, bool read = false)
    {
        await using var db = await app.OpenDatabaseAsync();
        var message = new Message
        {
            Id = Guid.CreateVersion7(), OwnerId = owner.Id, Kind = kind, Text = text, FileId = file.Id, JobId = Guid.NewGuid(),
            CreatedAt = file.UploadedAt.AddMinutes(1), ReadAt = read ? DateTimeOffset.UtcNow : null,
        };
        return await db.SendAsync(app.Get<MessageFeed>(), message);
    }

    public static async Task StoreAsync(this TestApp app, string key, byte[] bytes)
    {
        var path = Path.Combine(app.DataFolder, Guid.NewGuid().ToString("N"));
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        await app.Get<IMediaStore>().ImportAsync(key, path, TestContext.Current.CancellationToken);
    }

    /// <summary>What holds jobs up where the store is there and ours: the engine alone.</summary>
    public static JobHold HoldOf(ITranscoder engine)
    {
        var ownership = new StoreOwnership(null!, null!, null!, null!, NullLogger<StoreOwnership>.Instance); // asked only for its state
        ownership.Become(StoreState.Ours);
        return new(engine, new(NullLogger<StorageHealth>.Instance), ownership);
    }

    /// <summary>A library as it looks after some weeks: every state, long and short names, a few messages.</summary>
    public static async Task<AudioFile> FillAsync(this TestApp app, TestUser owner)
    {
        await app.AddFileAsync(owner, "Field recording, Lake Müritz at dawn (binaural, 96 kHz).wav", JobState.Queued, age: TimeSpan.FromSeconds(20), length: 1_932_000_000);
        await app.AddFileAsync(owner, "rehearsal_2026-11-20_take-07_final_FINAL_really_final_mixdown_for_the_label.aiff", JobState.Queued, age: TimeSpan.FromSeconds(40), length: 221_000_000);
        var running = await app.AddFileAsync(owner, "Interview with the lighthouse keeper.m4a", JobState.Running, age: TimeSpan.FromMinutes(2), length: 88_400_000);
        var ready = await app.AddFileAsync(owner, "Nocturne in E-flat major, Op. 9 No. 2.flac", age: TimeSpan.FromMinutes(14), length: 31_200_000, formats: [Preset.Mp3, Preset.M4a, Preset.Opus, Preset.Flac, Preset.Wav]);
        var warned = await app.AddFileAsync(owner, "voicemail.mp3", reason: "The file is damaged after 0:42; what could be read was converted.", age: TimeSpan.FromHours(3), length: 412_000, detail: "[mp3float @ 0x55d] Header missing\nError while decoding stream #0:0: Invalid data found when processing input");
        var failed = await app.AddFileAsync(owner, "holiday photos.mp3", JobState.Failed, "This is not audio: no sound was found in it.", TimeSpan.FromHours(26), 5_300_000, "holiday photos.mp3: Invalid data found when processing input");
        await app.AddFileAsync(owner, "Podcast 112 – Bees.wav", JobState.Cancelled, age: TimeSpan.FromDays(3), length: 640_000_000);
        await app.AddFileAsync(owner, "Bach, Cello Suite No. 1 – Prélude.ogg", age: TimeSpan.FromDays(30), length: 4_100_000);
        app.Get<JobFeed>().Progressed(owner.Id, await app.JobOfAsync(running), 0.42);
        await app.AddMessageAsync(owner, failed, MessageKind.Failed, "“holiday photos.mp3” could not be converted. This is not audio: no sound was found in it.", read: true);
        await app.AddMessageAsync(owner, warned, MessageKind.ReadyWithWarning, "“voicemail.mp3” is ready, with a warning. The file is damaged after 0:42; what could be read was converted.");
        await app.AddMessageAsync(owner, ready, MessageKind.Ready, "“Nocturne in E-flat major, Op. 9 No. 2.flac” is ready.");
        return ready;
    }

    public static async Task<Guid> JobOfAsync(this TestApp app, AudioFile file)
    {
        await using var db = await app.OpenDatabaseAsync();
        return db.TranscodeJobs.Single(job => job.AudioFileId == file.Id).Id;
    }
}
