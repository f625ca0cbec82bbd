using System.Net;
using BlazorTranscode.Messages;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Hosting;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Flow;

/// <summary>The limits of a person and of the disk, with the real engine.</summary>
public sealed class RoomTests : IDisposable
{
    private const int MiB = 1 << 20;
    private const string Password = "three quiet herons wade";
    private readonly TempFolder _files = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task HourOfSilence_IsRefusedWhereItsFormatsHaveNoRoom_AndLeavesNothing()
    {
        await using var app = TestApp.Start(new() { ["Storage:MaxBytesPerPerson"] = $"{64 * MiB}" });
        var anna = await app.CreateUserAsync("anna");
        var path = _files.File("silence.flac");
        await RunAsync("ffmpeg", "-v error -f lavfi -i anullsrc=r=44100:cl=stereo:d=3600", path);
        var bytes = await File.ReadAllBytesAsync(path, Token);
        Assert.InRange(bytes.Length, 1, MiB);

        var id = await new TusClient(anna).UploadAsync(bytes, "silence.flac", "mp3,m4a,opus,flac,wav");

        await using var db = await app.OpenDatabaseAsync();
        await Eventually.TrueAsync(async () => await db.Messages.AnyAsync(Token));
        var message = await db.Messages.SingleAsync(Token);
        Assert.Equal(MessageKind.Failed, message.Kind);
        Assert.Matches("could not be converted. The result would need up to 1\\.\\d GiB, and you have used .* of 64 MiB. Delete something, then try again.", message.Text);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(app.DataFolder, "work")));
        Assert.Single(Directory.GetFiles(Path.Combine(app.DataFolder, "media", "objects"), "*", SearchOption.AllDirectories));
        Assert.Equal(bytes.Length, (await app.Get<PersonalRoom>().OfAsync(db, anna.Id, Token)).Used);
        Assert.Equal((JobState.Failed, 0), await db.TranscodeJobs.Where(j => j.AudioFileId == id).Select(j => ValueTuple.Create(j.State, j.Failures)).SingleAsync(Token));
    }

    /// <summary>300 MiB with a reserve of 60: each job sets aside some 190 MiB and keeps 93, and small uploads go on all the time.</summary>
    [Fact]
    public async Task ThreeJobsOnASmallDisk_NeverTouchTheReserve_AndEndWellOneAfterTheOther()
    {
        using var disk = await SmallDisk.StartAsync(size: 300 * MiB, settings:
            [$"--Storage:ReserveBytes={60 * MiB}", "--Transcoding:MaxJobs=3", "--Transcoding:RetryDelay=00:00:01"]);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = disk.Address };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        (await client.PostFormAsync("account/register", new() { ["Input.Email"] = "anna@example.org", ["Input.Password"] = Password, ["Input.Repeat"] = Password })).Dispose();

        var tus = new TusClient(new("", "", "", client, new()));
        var path = _files.File("silence.flac");
        await RunAsync("ffmpeg", "-v error -f lavfi -i anullsrc=r=44100:cl=stereo:d=550", path);
        var song = await File.ReadAllBytesAsync(path, Token);
        var least = long.MaxValue;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watch = WatchAsync();

        foreach (var name in (string[])["one", "two", "three"])
            await tus.UploadAsync(song, $"{name}.flac", "wav,flac");
        HashSet<HttpStatusCode> answers = [];
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await tus.PostAsync(20_000, TusClient.Metadata("small.mp3"));
                answers.Add(answer.StatusCode);
                if (answer.StatusCode == HttpStatusCode.Created)
                    (await tus.DeleteAsync(answer.Headers.Location!.ToString())).Dispose();
                var page = WebUtility.HtmlDecode(await client.GetStringAsync(new Uri("messages", UriKind.Relative), Token));
                Assert.DoesNotContain("could not be converted", page, StringComparison.Ordinal);
                MakeRoom(disk);
                return new[] { "one", "two", "three" }.All(name => page.Contains($"“{name}.flac” is ready.", StringComparison.Ordinal));
            },
            TimeSpan.FromMinutes(3));

        await end.CancelAsync();
        await watch;
        Assert.InRange(least, 60L * MiB, 300L * MiB);
        Assert.Empty(answers.Except([HttpStatusCode.Created, HttpStatusCode.InsufficientStorage]));

        async Task WatchAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            while (!end.IsCancellationRequested && await timer.WaitForNextTickAsync(Token))
                least = Math.Min(least, DiskRoom.FreeBytes(disk.Path));
        }
    }

    /// <summary>Takes away the large formats that are ready, as their owner would by deleting the files.</summary>
    private static void MakeRoom(SmallDisk disk)
    {
        foreach (var made in Directory.GetFiles(Path.Combine(disk.Path, "media", "objects"), "*.wav", SearchOption.AllDirectories))
            File.Delete(made);
    }

    private static async Task RunAsync(string program, string arguments, string path)
    {
        using var process = System.Diagnostics.Process.Start(program, [.. arguments.Split(' '), path]);
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
    }
}
