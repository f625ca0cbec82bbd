using BlazorTranscode.Audio;
using BlazorTranscode.Library;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Storage;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Library;

public sealed class FileRemovalTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Delete_LeavesNeitherRowsNorBytesNorNews()
    {
        await using var app = TestApp.Start();
        var anna = await app.CreateUserAsync("anna");
        var file = await app.AddFileAsync(anna, "song.wav");
        var kept = await app.AddFileAsync(anna, "kept.wav");
        await app.AddMessageAsync(anna, file, MessageKind.Ready, "“song.wav” is ready.");
        List<long> rung = [];
        using var listening = app.Get<MessageFeed>().Subscribe(anna.Id, rung.Add);

        Assert.True(await app.Get<FileRemoval>().DeleteAsync(anna.Id, file.Id, Stop));

        await using var db = await app.OpenDatabaseAsync();
        Assert.Equal(kept.Id, (await db.AudioFiles.SingleAsync(Stop)).Id);
        Assert.All(await db.TranscodeJobs.ToListAsync(Stop), job => Assert.Equal(kept.Id, job.AudioFileId));
        Assert.All(await db.Renditions.ToListAsync(Stop), rendition => Assert.Equal(kept.Id, rendition.AudioFileId));
        Assert.NotNull((await db.Messages.SingleAsync(Stop)).RemovedAt);
        Assert.NotEmpty(rung);
        var objects = await app.Get<IMediaStore>().ListAsync(Stop).ToListAsync(Stop);
        Assert.Equal(3, objects.Count);
    }

    [Fact]
    public async Task Delete_WithAStoreThatIsAway_Succeeds_AndTheBytesGoLater()
    {
        var link = new StoreLink();
        await using var app = TestApp.Start(services: link.Install);
        var anna = await app.CreateUserAsync("anna");
        var file = await app.AddFileAsync(anna, "song.wav");
        link.Before = name => name == nameof(IMediaStore.DeleteAsync) ? throw new StorageUnavailableException("Away.") : Task.CompletedTask;

        Assert.True(await app.Get<FileRemoval>().DeleteAsync(anna.Id, file.Id, Stop));

        await using var db = await app.OpenDatabaseAsync();
        var rows = await db.PendingDeletions.AsNoTracking().ToListAsync(Stop);
        Assert.Equal(3, rows.Count);
        Assert.All(rows, row => Assert.Equal((anna.Id, DeletionReason.FileDeleted), (row.OwnerId, row.Reason)));
        Assert.Equal(1000 + 600 + 600, rows.Sum(row => row.Length));
        Assert.Equal(3, await app.Get<IMediaStore>().ListAsync(Stop).CountAsync(Stop));
        link.Before = null;
        await app.Get<Deletions>().WorkOffAsync(Stop);
        Assert.Empty(await app.Get<IMediaStore>().ListAsync(Stop).ToListAsync(Stop));
        Assert.Empty(await db.PendingDeletions.AsNoTracking().ToListAsync(Stop));
    }

    [Fact]
    public async Task Delete_OfSomebodyElse_ChangesNothing()
    {
        await using var app = TestApp.Start();
        var (anna, ben) = (await app.CreateUserAsync("anna"), await app.CreateUserAsync("ben"));
        var file = await app.AddFileAsync(anna, "song.wav", JobState.Running);

        Assert.False(await app.Get<FileRemoval>().DeleteAsync(ben.Id, file.Id, Stop));

        Assert.Equal(FileState.Running, (await app.Get<LibraryStore>().FindAsync(anna.Id, file.Id, Stop))!.Item.State);
        Assert.NotNull(await app.Get<LibraryStore>().FindMediaAsync(anna.Id, file.Id, Media.Source, Stop));
    }

    [Fact]
    public async Task Delete_WhileItRuns_ALateReportChangesNothing()
    {
        await using var app = TestApp.Start();
        var anna = await app.CreateUserAsync("anna");
        var file = await app.AddFileAsync(anna, "song.wav", JobState.Running);
        var job = await app.JobOfAsync(file);

        Assert.True(await app.Get<FileRemoval>().DeleteAsync(anna.Id, file.Id, Stop));

        Assert.False(await app.Get<JobReports>().ReportAsync(new JobReport(job, 1, JobState.Succeeded), Stop));
        await using var db = await app.OpenDatabaseAsync();
        Assert.Empty(await db.Messages.ToListAsync(Stop));
    }
}
