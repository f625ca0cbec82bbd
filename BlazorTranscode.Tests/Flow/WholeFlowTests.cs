using BlazorTranscode.Audio;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BlazorTranscode.Tests.Flow;

/// <summary>The product in one piece: real audio, the real engine, real browsers.</summary>
public sealed class WholeFlowTests : IAsyncDisposable
{
    private readonly TestApp _app = TestApp.Start();
    private readonly TempFolder _files = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task ThreeTabsOfOnePersonAreTold_NobodyElseIs_AndClosingInOneClosesInAll()
    {
        var anna = await _app.CreateUserAsync("anna");
        var ben = await _app.CreateUserAsync("ben");
        await using var annas = await Browser.NewContextAsync(_app.Address);
        await annas.SignInAsync(anna);
        await using var bens = await Browser.NewContextAsync(_app.Address);
        await bens.SignInAsync(ben);
        IPage upload = await annas.OpenLiveAsync("upload"), library = await annas.OpenLiveAsync(""), history = await annas.OpenLiveAsync("messages");
        IPage[] tabs = [upload, library, history];
        var foreign = await bens.OpenLiveAsync("");

        await UploadSteps.ChooseAsync(upload, await _files.ToneAsync("Evening Song.flac", 20));

        foreach (var tab in tabs)
            await Expect(tab.Alerts()).ToHaveTextAsync(ReadyText);
        await Expect(library.Locator("main li .state")).ToContainTextAsync("Ready");

        await library.Alerts().GetByRole(AriaRole.Button).ClickAsync();

        foreach (var tab in tabs)
            await Expect(tab.Alerts()).ToHaveCountAsync(0);
        await library.ReloadAsync();
        await Expect(library.Alerts()).ToHaveCountAsync(0);
        // Ben hears of his own file, so he could have heard of Anna's.
        await using (var db = await _app.OpenDatabaseAsync())
            await db.SendAsync(_app.Get<MessageFeed>(), SampleRows.NewMessage(ben.Id, "“ben.mp3” is ready."));
        await Expect(foreign.Alerts()).ToHaveCountAsync(1);
        await Expect(foreign.Alerts()).ToContainTextAsync("ben.mp3");
        annas.AssertNoTrouble();
        bens.AssertNoTrouble();
    }

    [Theory]
    [InlineData("tone.mp3", "-c:a", "libmp3lame")]
    [InlineData("tone.flac", "-c:a", "flac")]
    [InlineData("tone.ogg", "-c:a", "libvorbis")]
    [InlineData("tone.m4a", "-c:a", "aac")]
    public async Task WhateverComesIn_TheDownloadHasItsName_AndPlaysAsLong(string name, params string[] codec)
    {
        var anna = await _app.CreateUserAsync("anna");
        var tone = await _files.ToneAsync(name, 12, codec);
        await new Uploads.TusClient(anna).UploadAsync(await File.ReadAllBytesAsync(tone, Token), "Éva’s “tape” №1" + Path.GetExtension(name), "mp3,flac,m4a,opus,wav");
        await using (var db = await _app.OpenDatabaseAsync())
            await Eventually.TrueAsync(() => db.Messages.AnyAsync(Token));
        await using var context = await Browser.NewContextAsync(_app.Address);
        await context.SignInAsync(anna);
        var page = await context.OpenLiveAsync("");

        await page.Alerts().GetByRole(AriaRole.Link, new() { Name = "Open" }).ClickAsync();

        foreach (var preset in Preset.All)
        {
            var download = await page.DownloadAsync(page.Locator($"a[href$='/{preset.Id}']"));
            Assert.Equal("Éva’s “tape” №1" + preset.Extension, download.SuggestedFilename);
            var length = await Sounds.DecodedLengthAsync(await download.PathAsync());
            Assert.InRange(length, TimeSpan.FromSeconds(11.9), TimeSpan.FromSeconds(12.2));
        }

        await page.EvaluateAsync("document.querySelector('audio').muted = true; document.querySelector('audio').play()");
        await Eventually.TrueAsync(() => page.EvaluateAsync<bool>("document.querySelector('audio').currentTime > 0.2"));
    }

    private static readonly System.Text.RegularExpressions.Regex ReadyText = new("“Evening Song.flac” is ready.");
}
