using System.Collections.Concurrent;
using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Uploads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static BlazorTranscode.Tests.Uploads.UploadSteps;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>What the page makes of a proxy, an outage and lost bytes, and what it says of them; see <see cref="UploadScriptTests"/> for the rest.</summary>
public sealed class UploadTroubleTests : IAsyncDisposable
{
    private const int ThreePieces = 20_000_000;

    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<int> _refused = [];
    private Func<HttpContext, int?> _refusal = _ => null;
    private TestApp _app = default!;
    private IBrowserContext _context = default!;
    private string _file = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task ProxyThatTakesNoLargePieces_GetsSmallerOnes()
    {
        var page = await OpenAsync();
        _refusal = http => http.Request.ContentLength > 1_000_000 ? StatusCodes.Status413PayloadTooLarge : null;

        await ChooseAsync(page, _file);

        await Expect(Row(page, "long.wav")).ToContainTextAsync("Uploaded");
        Assert.Equal(4, _refused.Count); // Of 8, 4, 2 and 1 MiB; then all have half a MiB.
        await AssertArrivedAsync();
    }

    [Fact]
    public async Task Outage_IsWaitedFor_AndOnlyWhatIsSafeIsCalledSafe()
    {
        var page = await OpenAsync();
        _refusal = http => http.Request.Method == "GET" || http.Request.Headers["Upload-Offset"] != "0" ? StatusCodes.Status503ServiceUnavailable : null;

        await ChooseAsync(page, _file);
        await Expect(Row(page, "long.wav")).ToContainTextAsync("Trying again. 8.0 MiB of 19.1 MiB are safe.");
        await Eventually.TrueAsync(async () =>
        {
            await page.EvaluateAsync("dispatchEvent(new Event('online'))"); // ends a pause
            return _refused.Count > 12;
        });
        await Expect(Row(page, "long.wav")).ToContainTextAsync("Trying again. 8.0 MiB of 19.1 MiB are safe.");
        _refusal = _ => null;
        await page.EvaluateAsync("dispatchEvent(new Event('online'))");

        await Expect(Row(page, "long.wav")).ToContainTextAsync("Uploaded");
        await AssertArrivedAsync();
    }

    [Fact]
    public async Task BytesThatTheServerLost_AreSaid_AndSentAgain()
    {
        var page = await OpenAsync();
        var gate = await PatchGate.CloseAsync(page);
        await ChooseAsync(page, _file);
        await gate.Reached;
        File.Delete(Assert.Single(_app.Parts()));
        var next = await PatchGate.CloseAsync(page);
        await gate.CutAsync();

        await Expect(Row(page, "long.wav")).ToContainTextAsync("What had arrived was lost on the server; it begins again.");
        await next.OpenAsync();

        await Expect(Row(page, "long.wav")).ToContainTextAsync("Uploaded");
        await AssertArrivedAsync();
    }

    private async Task<IPage> OpenAsync()
    {
        _app = UploadTestApp.Start(services: services => services.AddSingleton<IStartupFilter>(new Proxy(this)));
        var anna = await _app.CreateUserAsync("anna");
        _context = await Browser.NewContextAsync(_app.Address);
        await _context.SignInAsync(anna);
        _file = Make(_folder, "long.wav", ThreePieces);
        return await _context.OpenLiveAsync("upload");
    }

    private async Task AssertArrivedAsync()
    {
        await using var db = await _app.OpenDatabaseAsync();
        var file = await db.AudioFiles.SingleAsync(Stop);
        Assert.Equal(await File.ReadAllBytesAsync(_file, Stop), await _app.ReadSourceAsync(file));
        Assert.Single(await db.Uploads.ToListAsync(Stop));
    }

    /// <summary>Answers requests for uploads in front of the app, in HTML as proxies do.</summary>
    private sealed class Proxy(UploadTroubleTests test) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (http, pass) =>
            {
                if (http.Request.Method is not ("PATCH" or "GET") || !Guid.TryParse(http.Request.Path.Value!.Split('/')[^1], out _) || test._refusal(http) is not { } status)
                {
                    await pass(http);
                    return;
                }

                test._refused.Enqueue(status);
                // Read to the end: a connection that is closed on a sender gives no answer.
                await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
                (http.Response.StatusCode, http.Response.ContentType) = (status, "text/html");
                await http.Response.WriteAsync("<h1>no</h1>", http.RequestAborted);
            });
            next(app);
        };
    }
}
