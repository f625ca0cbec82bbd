using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>Who is not let in, and what is not taken: each said by a status and a sentence, and each leaves nothing behind.</summary>
public sealed class TusLimitTests : IAsyncDisposable
{
    private TestApp? _app;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    [Fact]
    public async Task EmptyFile_IsNotAudio() =>
        await (await StartAsync()).PostAsync(0, TusClient.Metadata("a.mp3")).AssertRefusedAsync(
            HttpStatusCode.BadRequest, "This file is empty, so it is not audio.");

    [Fact]
    public async Task TooLargeFile_IsRefusedBeforeAByteIsSent()
    {
        var tus = await StartAsync(new() { ["Uploads:MaxBytes"] = "1048576" });
        await tus.PostAsync(1_048_577, TusClient.Metadata("a.mp3")).AssertRefusedAsync(
            HttpStatusCode.RequestEntityTooLarge, "This file has 1 MiB; the limit is 1 MiB.");
        await AssertNothingLeftAsync();
        await tus.CreateAsync(1_048_576);
    }

    [Fact]
    public async Task DiskWithoutRoom_IsSaidBeforeAByteIsSent()
    {
        var tus = await StartAsync(new() { ["Storage:ReserveBytes"] = $"{long.MaxValue}" });
        await tus.PostAsync(2048, TusClient.Metadata("a.mp3")).AssertRefusedAsync(
            HttpStatusCode.InsufficientStorage, "The server has no room for 2 KiB. Try again when room has been made.");
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task DiskThatFillsUpMeanwhile_IsSaid_AndTheUploadWaits()
    {
        var tus = await StartAsync();
        var url = await tus.CreateAsync(600_000);
        (await tus.PatchAsync(url, 0, TusClient.Bytes(300_000))).Dispose();
        _app!.Get<IOptions<StorageOptions>>().Value.ReserveBytes = long.MaxValue;

        await tus.PatchAsync(url, 300_000, TusClient.Bytes(300_000)).AssertRefusedAsync(
            HttpStatusCode.InsufficientStorage, "The server has no room left for files. What has arrived is kept; try again when room has been made.");

        Assert.Equal(300_000, await tus.OffsetAsync(url));
        _app!.Get<IOptions<StorageOptions>>().Value.ReserveBytes = 0;
        using var answer = await tus.PatchAsync(url, 300_000, TusClient.Bytes(300_000));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task PieceLongerThanTheFile_IsRefused()
    {
        var tus = await StartAsync();
        var url = await tus.CreateAsync(100);
        await tus.PatchAsync(url, 0, TusClient.Bytes(101)).AssertRefusedAsync(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal(0, await tus.OffsetAsync(url));
    }

    [Fact]
    public async Task PieceThatGoesOnWithoutSayingSo_IsRefusedAndThrownAway()
    {
        var tus = await StartAsync();
        var url = await tus.CreateAsync(100);
        await tus.PatchAsync(url, 0, TusClient.Bytes(500_000), request => request.Headers.TransferEncodingChunked = true)
            .AssertRefusedAsync(HttpStatusCode.RequestEntityTooLarge, "More bytes were sent than the file was announced to have.");
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task ManyUnfinished_AtOnce_StopExactlyAtTheLimit()
    {
        var tus = await StartAsync(new() { ["Uploads:MaxUnfinished"] = "5" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => tus.PostAsync(10, TusClient.Metadata("a.mp3"))));
        Assert.Equal(5, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        Assert.Equal(15, answers.Count(a => a.StatusCode == HttpStatusCode.TooManyRequests));
        Assert.Equal(5, _app!.Parts().Length);

        await tus.PatchAsync(answers.First(a => a.IsSuccessStatusCode).Headers.Location!.ToString(), 0, TusClient.Bytes(10));
        await tus.CreateAsync(10);
    }

    [Fact]
    public async Task Stranger_GetsNoRedirectButNo()
    {
        var owner = await StartAsync();
        var url = await owner.CreateAsync(10);
        using var client = new HttpClient { BaseAddress = _app!.Address };
        var stranger = new TusClient(new("", "", "", client, new()));
        foreach (var answer in (HttpResponseMessage[])[await stranger.HeadAsync(url), await stranger.PatchAsync(url, 0, TusClient.Bytes(10)),
            await stranger.DeleteAsync(url), await stranger.PostAsync(10, TusClient.Metadata("a")), await stranger.SendAsync(HttpMethod.Options, "/uploads/")])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task AnotherPerson_CannotTellAForeignUploadFromNone()
    {
        var url = await (await StartAsync()).CreateAsync(10);
        var ben = new TusClient(await _app!.CreateUserAsync("ben"));
        foreach (var address in (string[])[url, $"/uploads/{Guid.NewGuid()}"])
        {
            using var head = await ben.HeadAsync(address);
            Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
            await ben.PatchAsync(address, 0, TusClient.Bytes(10)).AssertRefusedAsync(HttpStatusCode.NotFound, "There is no such upload. Choose the file again.");
            await ben.DeleteAsync(address).AssertRefusedAsync(HttpStatusCode.NotFound, "There is no such upload. Choose the file again.");
        }

        Assert.Single(_app!.Parts());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("https://evil.example")]
    [InlineData("http://localhost")]
    public async Task AnotherSite_IsRefused(string? origin)
    {
        var tus = await StartAsync();
        var url = await tus.CreateAsync(10);
        void Spoil(HttpRequestMessage request)
        {
            request.Headers.Remove("Origin");
            if (origin is not null)
                request.Headers.Add("Origin", origin);
        }

        await tus.PostAsync(10, TusClient.Metadata("a.mp3"), Spoil).AssertRefusedAsync(HttpStatusCode.Forbidden);
        await tus.PatchAsync(url, 0, TusClient.Bytes(10), Spoil).AssertRefusedAsync(HttpStatusCode.Forbidden);
        await tus.SendAsync(HttpMethod.Delete, url, Spoil).AssertRefusedAsync(HttpStatusCode.Forbidden);
        Assert.Equal(0, await tus.OffsetAsync(url));
    }

    [Theory]
    [InlineData("", "Choose at least one format.")]
    [InlineData(" , ", "Choose at least one format.")]
    [InlineData("mp3,exe", "One of the chosen formats does not exist.")]
    [InlineData("MP3", "One of the chosen formats does not exist.")]
    public async Task Formats_ThatAreNone_AreRefused(string presets, string sentence)
    {
        await (await StartAsync()).PostAsync(10, TusClient.Metadata("a.mp3", presets)).AssertRefusedAsync(HttpStatusCode.BadRequest, sentence);
        await AssertNothingLeftAsync();
    }

    private async Task<TusClient> StartAsync(Dictionary<string, string?>? settings = null)
    {
        _app = UploadTestApp.Start(settings);
        return new(await _app.CreateUserAsync("anna"));
    }

    private async Task AssertNothingLeftAsync()
    {
        await using var db = await _app!.OpenDatabaseAsync();
        Assert.False(await db.Uploads.AnyAsync(Stop));
        Assert.False(await db.AudioFiles.AnyAsync(Stop));
        Assert.Empty(_app.Parts());
    }
}
