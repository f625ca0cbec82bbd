using System.Security.Cryptography;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Flow;

/// <summary>The app is killed with SIGKILL and started again: nothing is lost and nothing happens twice.</summary>
public sealed class KillTests : IDisposable
{
    private readonly TempFolder _files = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task WhileUploading_TheUploadGoesOnWhereItWas_AndArrivesWhole()
    {
        using var app = await AppProcess.StartAsync();
        var anna = await app.RegisterAsync("anna");
        var tus = new TusClient(anna);
        var source = await File.ReadAllBytesAsync(await _files.ToneAsync("tone.wav", 120), Token);
        var url = await tus.CreateAsync(source.Length, "tone.wav", "mp3");
        var half = source.Length / 2;
        var cut = new StalledContent(source.AsMemory(0, half));
        var patch = tus.PatchAsync(url, 0, cut);
        await cut.Sent;
        await app.KillAsync();
        cut.Break();
        await Assert.ThrowsAnyAsync<Exception>(() => patch);

        await app.StartAgainAsync();

        var offset = (int)await tus.OffsetAsync(url);
        Assert.InRange(offset, 0, half);
        using (var rest = await tus.PatchAsync(url, offset, source[offset..]))
            Assert.True(rest.IsSuccessStatusCode);
        await AllAreToldOnceAsync(app, 1);
        using var original = await anna.Client.GetAsync(new Uri($"files/{TusClient.IdOf(url)}/source", UriKind.Relative), Token);
        Assert.Equal(SHA256.HashData(source), SHA256.HashData(await original.Content.ReadAsByteArrayAsync(Token)));
    }

    [Fact]
    public async Task WhileTranscoding_TheJobIsTakenUpAgain_AndToldOnce()
    {
        using var app = await AppProcess.StartAsync();
        var anna = await app.RegisterAsync("anna");
        await new TusClient(anna).UploadAsync(await File.ReadAllBytesAsync(await _files.ToneAsync("long.flac", 600), Token), "long.flac", "mp3,m4a");
        await Eventually.TrueAsync(() => ConvertersOf(app) > 0);

        await app.KillAsync();

        await Eventually.TrueAsync(() => ConvertersOf(app) == 0, TimeSpan.FromSeconds(5)); // before it could have come to its end by itself
        await app.StartAgainAsync();
        await AllAreToldOnceAsync(app, 1);
        await using var db = app.CreateDbContext();
        var job = await db.TranscodeJobs.SingleAsync(Token);
        Assert.Equal((JobState.Succeeded, 2, 0, 1), (job.State, job.Attempt, job.Failures, job.Interruptions));
        Assert.Equal(2, await db.Renditions.CountAsync(Token));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(app.DataFolder, "work")));
    }

    [Fact]
    public async Task AtAnyMoment_ManyTimes_EveryUploadIsToldExactlyOnce()
    {
        using var app = await AppProcess.StartAsync(new() { ["Transcoding__RetryDelay"] = "00:00:01" });
        var anna = await app.RegisterAsync("anna");
        var tus = new TusClient(anna);
        var source = await File.ReadAllBytesAsync(Sounds.Recording, Token);
        var random = new Random(7);
        var uploaded = new List<Guid>();
        // Two kills, because the third of one job would be the last it is given.
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 5; i++)
                uploaded.Add(await tus.UploadAsync(source, $"bell {round}-{i}.oga", "mp3,opus"));
            if (round == 2)
                break;
            var already = random.Next(1, 4) + round * 5;
            await Eventually.TrueAsync(async () => await CountAsync(app, db => db.Messages) >= already);
            await app.KillAsync();
            await app.StartAgainAsync();
        }

        await AllAreToldOnceAsync(app, uploaded.Count);
        await using var db = app.CreateDbContext();
        Assert.Equal(uploaded.Order(), (await db.Messages.Select(m => m.FileId).ToListAsync(Token)).Order());
        Assert.All(await db.TranscodeJobs.ToListAsync(Token), job => Assert.Equal(JobState.Succeeded, job.State));
        Assert.Equal(uploaded.Count * 2, await db.Renditions.CountAsync(Token));
        Assert.Equal("ok", (await db.Database.SqlQuery<string>($"SELECT integrity_check AS Value FROM pragma_integrity_check").ToListAsync(Token)).Single());
    }

    internal static async Task AllAreToldOnceAsync(AppProcess app, int files)
    {
        await Eventually.TrueAsync(async () => await CountAsync(app, db => db.Messages) >= files, TimeSpan.FromMinutes(2));
        Assert.Equal(files, await CountAsync(app, db => db.Messages));
        Assert.Equal(files, await CountAsync(app, db => db.AudioFiles));
        Assert.Equal(files, await CountAsync(app, db => db.TranscodeJobs));
    }

    private static async Task<int> CountAsync<T>(AppProcess app, Func<AppDbContext, DbSet<T>> rows) where T : class
    {
        await using var db = app.CreateDbContext();
        return await rows(db).CountAsync(Token);
    }

    /// <summary>Processes that have the data folder of this app on their command line, other than the app.</summary>
    private static int ConvertersOf(AppProcess app) => Directory.GetDirectories("/proc").Count(process =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(app.DataFolder, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    });

    /// <summary>A request body that sends its bytes and then neither ends nor goes on, until it breaks.</summary>
    internal sealed class StalledContent(ReadOnlyMemory<byte> bytes) : HttpContent
    {
        private readonly TaskCompletionSource _sent = new();
        private readonly TaskCompletionSource _broken = new();

        public Task Sent => _sent.Task;

        public void Break() => _broken.SetException(new IOException("The line is dead."));

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync(bytes);
            await stream.FlushAsync();
            _sent.TrySetResult();
            await _broken.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
