using System.Net;
using BlazorTranscode.Data;
using BlazorTranscode.Hosting;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Library;
using BlazorTranscode.Tests.Uploads;
using BlazorTranscode.Uploads;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Storage;

/// <content>A data folder and what becomes of it between two starts.</content>
public sealed partial class StoreOwnershipTests
{
    private TestApp Start(TempFolder? folder = null, StoreLink? link = null) => TestApp.Start(services: services =>
    {
        UploadTestApp.WithoutEngine(services);
        link?.Install(services);
    }, folder: folder ?? _data);

    [Fact]
    public async Task Upload_WhileTheFirstLookIsUnderWay_WaitsForIt()
    {
        var link = new StoreLink();
        await using var app = Start(link: link);
        using var ownership = ActivatorUtilities.CreateInstance<StoreOwnership>(app.Services);
        var (reached, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        link.Before = _ =>
        {
            reached.TrySetResult();
            return gate.Task;
        };
        var look = Task.Run(() => ownership.LookAsync(Stop), Stop);
        await reached.Task.WaitAsync(Stop);

        var refusal = ownership.RefusalAsync(Stop).AsTask();

        Assert.False(refusal.IsCompleted);
        gate.SetResult();
        Assert.Null(await refusal);
        await look;
    }

    /// <summary>An app that has run and stopped: a person, a file with two formats.</summary>
    private async Task<string> FillAsync()
    {
        await using var app = Start();
        return (await app.AddFileAsync(await app.CreateUserAsync("anna"), "song.wav")).StorageKey;
    }

    private void LoseDatabase()
    {
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(_data.Path, "app.db*"))
            File.Delete(file);
    }

    private void ForgetFolder()
    {
        File.Delete(Mark);
        File.Delete(_data.File("installation"));
    }

    private async Task ForgetIdAsync()
    {
        await using var db = new AppDbContext(DesignTimeDatabase.Options($"Data Source={_data.File("app.db")};Pooling=false").Options);
        await db.Installations.ExecuteUpdateAsync(set => set.SetProperty(i => i.StoreId, (Guid?)null), Stop);
    }

    /// <summary>As old as what a sweep once took for garbage.</summary>
    private void Age()
    {
        foreach (var file in Directory.GetFiles(Media, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-2));
    }

    private static async Task<Guid?> IdAsync(TestApp app)
    {
        await using var db = await app.OpenDatabaseAsync();
        return await db.Installations.Select(i => i.StoreId).SingleAsync(Stop);
    }

    private static async Task SweepAsync(TestApp app)
    {
        await app.Get<UploadSweep>().SweepAsync(Stop);
        await app.Get<Deletions>().WorkOffAsync(Stop);
    }

    private static ValueTask<List<string>> KeysAsync(TestApp app) => app.Get<IMediaStore>().ListAsync(Stop).Select(o => o.Key).ToListAsync(Stop);

    /// <summary>What readiness says about the store; empty while it is well.</summary>
    private static async Task<string> IllAsync(TestApp app)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(app.Address, Health.ReadyPath), Stop);
        using var report = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
        return report.RootElement.GetProperty("checks").GetProperty("ownership").GetProperty("description").GetString()!;
    }

    private static async Task<HttpStatusCode> UploadAsync(TestApp app)
    {
        var tus = new TusClient(await app.CreateUserAsync($"u{Guid.NewGuid():N}"));
        using var answer = await tus.PostAsync(10, TusClient.Metadata("song.mp3"));
        return answer.StatusCode == HttpStatusCode.Created ? HttpStatusCode.OK : answer.StatusCode;
    }
}
