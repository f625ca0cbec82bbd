using System.Net;
using System.Net.Http.Json;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Uploads;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>What the server says of the bytes that have arrived, so that a browser can compare them with a file.</summary>
public sealed class TusArrivedTests : IAsyncLifetime
{
    private TestApp _app = default!;
    private TusClient _tus = default!;
    private bool _givesNothingBack;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = UploadTestApp.Start(services: FaultyStore.With(
            method => _givesNothingBack && method == nameof(IMediaStore.OpenUnfinishedAsync) ? Task.FromResult<Stream?>(null) : null));
        _tus = new(await _app.CreateUserAsync("anna"));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pieces_AreSaidAsChecksums_AlsoOfAnUploadThatIsWhole(bool whole)
    {
        var content = TusClient.Bytes(2_500_000);
        var url = await _tus.CreateAsync(content.Length);
        var offset = 0;
        foreach (var piece in (int[])[1, 1_500_000, whole ? 999_999 : 7])
        {
            (await _tus.PatchAsync(url, offset, content[offset..(offset + piece)])).Dispose();
            offset += piece;
        }

        _givesNothingBack = true; // Nothing is read again: the checksums were taken as the bytes passed.
        await AssertAsync(url, content[..offset]);
        var last = await AskAsync(url, $"?from={offset}");
        Assert.Equal((offset, offset / UploadChecksums.BlockLength), (last.Offset, last.FirstBlock));
        Assert.Equal(UploadChecksumsTests.Slow(content[..offset])[^1], Assert.Single(last.Checksums!));
    }

    [Fact]
    public async Task BrokenPiece_IsSaidAsFarAsItWasKept()
    {
        var content = TusClient.Bytes(3_000_000);
        var url = await _tus.CreateAsync(content.Length);
        var broken = new BrokenContent(content, 2_000_000);
        var patch = _tus.PatchAsync(url, 0, broken);
        await Eventually.TrueAsync(async () => await _tus.OffsetAsync(url) > 1_000_000);
        broken.Cut();
        await Assert.ThrowsAnyAsync<Exception>(() => patch);
        _givesNothingBack = true;

        await Eventually.TrueAsync(async () =>
        {
            using var answer = await _tus.SendAsync(HttpMethod.Get, url);
            return answer.StatusCode == HttpStatusCode.OK; // The app may still be busy with what came before the connection broke.
        });

        await AssertAsync(url, content[..(int)await _tus.OffsetAsync(url)]);
    }

    [Theory]
    [InlineData(2_400_000)] // died before the checksums were written
    [InlineData(1_500_000)] // and lost bytes that had not reached the disk
    [InlineData(1_100_000)]
    public async Task Death_IsMadeGoodByReadingAgain(int kept)
    {
        var content = TusClient.Bytes(2_500_000);
        var url = await _tus.CreateAsync(content.Length);
        (await _tus.PatchAsync(url, 0, content[..1_600_000])).Dispose();
        await File.WriteAllBytesAsync(Assert.Single(_app.Parts()), content[..kept], Stop);

        await AssertAsync(url, content[..kept]);

        _givesNothingBack = true;
        await AssertAsync(url, content[..kept]);
    }

    [Fact]
    public async Task Death_WhereTheStoreGivesNothingBack_IsSaid_AndTheUploadCanGoOn()
    {
        var content = TusClient.Bytes(2_500_000);
        var url = await _tus.CreateAsync(content.Length);
        await File.WriteAllBytesAsync(Assert.Single(_app.Parts()), content[..2_000_000], Stop);
        _givesNothingBack = true;

        Assert.Equal((2_000_000, null), ((int, IEnumerable<uint>?))((int)(await AskAsync(url)).Offset, (await AskAsync(url)).Checksums));

        using var rest = await _tus.PatchAsync(url, 2_000_000, content[2_000_000..]);
        Assert.Equal(HttpStatusCode.NoContent, rest.StatusCode);
        await AssertAsync(url, content); // The whole file can be read.
    }

    [Fact]
    public async Task AnotherPerson_IsToldNothing()
    {
        var url = await _tus.CreateAsync(10);
        (await _tus.PatchAsync(url, 0, TusClient.Bytes(5))).Dispose();
        await new TusClient(await _app.CreateUserAsync("ben")).SendAsync(HttpMethod.Get, url).AssertRefusedAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Owner_InAHeader_MustBeWhoIsSignedIn()
    {
        var anna = await _app.CreateUserAsync("anne");
        var (mine, ben) = (new TusClient(anna), await _app.CreateUserAsync("ben"));
        var url = await mine.CreateAsync(10);
        void SayAnna(HttpRequestMessage request) => request.Headers.Add("Upload-Owner", anna.Id);
        (await mine.PatchAsync(url, 0, TusClient.Bytes(5), SayAnna)).Dispose();
        var other = new TusClient(ben);

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
            await other.SendAsync(method, url, SayAnna).AssertRefusedAsync(HttpStatusCode.Forbidden);
        await other.PatchAsync(url, 5, TusClient.Bytes(5), SayAnna).AssertRefusedAsync(HttpStatusCode.Forbidden);
        using var created = await other.PostAsync(10, TusClient.Metadata("a.mp3"), SayAnna);
        Assert.Equal((HttpStatusCode.Forbidden, "another"), (created.StatusCode, Assert.Single(created.Headers.GetValues("Upload-Owner"))));

        Assert.Equal(5, await mine.OffsetAsync(url));
        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal(anna.Id, (await db.Uploads.SingleAsync(Stop)).OwnerId);
    }

    private async Task AssertAsync(string url, byte[] content)
    {
        var arrived = await AskAsync(url);
        Assert.Equal((content.Length, UploadChecksums.BlockLength, 0), (arrived.Offset, arrived.BlockLength, arrived.FirstBlock));
        Assert.Equal(UploadChecksumsTests.Slow(content), arrived.Checksums!);
    }

    private async Task<ArrivedBytes> AskAsync(string url, string query = "")
    {
        using var answer = await _tus.SendAsync(HttpMethod.Get, url + query);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<ArrivedBytes>(Stop))!;
    }
}
