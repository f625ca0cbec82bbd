using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>tus 1.0.0 as its specification has it: https://tus.io/protocols/resumable-upload</summary>
public sealed class TusProtocolTests : IAsyncLifetime
{
    private readonly TestApp _app = UploadTestApp.Start();
    private TestUser _user = default!;
    private TusClient _tus = default!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _user = await _app.CreateUserAsync("anna");
        _tus = new(_user);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Options_SaysWhatTheServerCan_ToAnyVersion()
    {
        using var answer = await _tus.SendAsync(HttpMethod.Options, "/uploads/", request => request.Headers.Remove("Tus-Resumable"));

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal("1.0.0", Header(answer, "Tus-Version"));
        Assert.Equal("1.0.0", Header(answer, "Tus-Resumable"));
        Assert.Equal("creation,expiration,termination", Header(answer, "Tus-Extension"));
        Assert.Equal("2147483648", Header(answer, "Tus-Max-Size"));
    }

    [Fact]
    public async Task Upload_InPiecesOfAnyLength_BecomesAFileAndAJob()
    {
        var content = TusClient.Bytes(700_001);
        List<Guid> rung = [];
        using var listener = _app.Get<JobFeed>().Subscribe(_user.Id, change => rung.Add(change.JobId));
        var url = await _tus.CreateAsync(content.Length, "Sommer.mp3", "flac,mp3");

        var offset = 0;
        foreach (var piece in (int[])[1, 300_000, 0, 4096, 395_904])
        {
            using var answer = await _tus.PatchAsync(url, offset, content[offset..(offset + piece)]);
            offset += piece;
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            Assert.Equal(offset, TusClient.Offset(answer));
        }

        await using var db = await _app.OpenDatabaseAsync();
        var file = await db.AudioFiles.SingleAsync(Stop);
        Assert.Equal((TusClient.IdOf(url), _user.Id, "Sommer.mp3", content.Length), (file.Id, file.OwnerId, file.Name, (int)file.Length));
        Assert.Equal(content, await _app.ReadSourceAsync(file));
        var job = await db.TranscodeJobs.SingleAsync(Stop);
        Assert.Equal((file.Id, _user.Id), (job.AudioFileId, job.OwnerId));
        Assert.Equal(["mp3", "flac"], job.PresetIds);
        Assert.Contains(job.Id, rung);
    }

    [Fact]
    public async Task Head_OfAnUnfinishedUpload_SaysWhereToGoOn()
    {
        var url = await _tus.CreateAsync(1000, "Ä.wav");
        (await _tus.PatchAsync(url, 0, TusClient.Bytes(400))).Dispose();

        using var answer = await _tus.HeadAsync(url);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("400", Header(answer, "Upload-Offset"));
        Assert.Equal("1000", Header(answer, "Upload-Length"));
        Assert.Equal(TusClient.Metadata("Ä.wav", "mp3,flac"), Header(answer, "Upload-Metadata"));
        Assert.Equal("no-store", Header(answer, "Cache-Control"));
        Assert.InRange(DateTimeOffset.Parse(Header(answer, "Upload-Expires")), DateTimeOffset.UtcNow.AddHours(23), DateTimeOffset.UtcNow.AddHours(25));
    }

    [Fact]
    public async Task Delete_ThrowsAnUnfinishedUploadAway()
    {
        var url = await _tus.CreateAsync(1000);
        (await _tus.PatchAsync(url, 0, TusClient.Bytes(400))).Dispose();

        using var answer = await _tus.DeleteAsync(url);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await _tus.PatchAsync(url, 400, TusClient.Bytes(600)).AssertRefusedAsync(HttpStatusCode.NotFound);
        Assert.Empty(_app.Parts());
    }

    [Fact]
    public async Task Delete_OfAFinishedUpload_IsRefusedAndLeavesTheFile()
    {
        var id = await _tus.UploadAsync(TusClient.Bytes(10));
        await _tus.DeleteAsync($"/uploads/{id}").AssertRefusedAsync(HttpStatusCode.Gone);
        await using var db = await _app.OpenDatabaseAsync();
        Assert.Equal(id, (await db.AudioFiles.SingleAsync(Stop)).Id);
    }

    [Theory]
    [InlineData("PATCH", HttpStatusCode.NoContent)]
    [InlineData("DELETE", HttpStatusCode.NoContent)]
    [InlineData("PUT", HttpStatusCode.MethodNotAllowed)]
    public async Task Post_WithAnotherMethodInAHeader_IsThatMethod(string method, HttpStatusCode status)
    {
        var url = await _tus.CreateAsync(1000);
        using var answer = await _tus.PatchAsync(url, 0, TusClient.Bytes(400), request =>
        {
            request.Method = HttpMethod.Post;
            request.Headers.Add("X-HTTP-Method-Override", method);
        });
        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0.2.2")]
    public async Task AnotherVersion_IsRefused(string? version)
    {
        using var answer = await _tus.PostAsync(10, TusClient.Metadata("a"), request =>
        {
            request.Headers.Remove("Tus-Resumable");
            if (version is not null)
                request.Headers.Add("Tus-Resumable", version);
        });
        Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
        Assert.Equal("1.0.0", Header(answer, "Tus-Version"));
    }

    [Fact]
    public async Task Patch_WithAnotherContentType_IsRefused()
    {
        var url = await _tus.CreateAsync(10);
        await _tus.PatchAsync(url, 0, TusClient.Bytes(10), request => request.Content!.Headers.ContentType = new("application/octet-stream"))
            .AssertRefusedAsync(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    [InlineData(7)]
    public async Task Patch_AtAnotherOffset_IsAConflict(long offset)
    {
        var url = await _tus.CreateAsync(10);
        (await _tus.PatchAsync(url, 0, TusClient.Bytes(6))).Dispose();
        await _tus.PatchAsync(url, offset, TusClient.Bytes(1)).AssertRefusedAsync(HttpStatusCode.Conflict);
        Assert.Equal(6, await _tus.OffsetAsync(url));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    public async Task Numbers_ThatAreNone_AreRefused(string number)
    {
        await _tus.PostAsync(10, TusClient.Metadata("a"), request => Replace(request, "Upload-Length", number)).AssertRefusedAsync(HttpStatusCode.BadRequest);
        var url = await _tus.CreateAsync(10);
        await _tus.PatchAsync(url, 0, TusClient.Bytes(10), request => Replace(request, "Upload-Offset", number)).AssertRefusedAsync(HttpStatusCode.BadRequest);
    }

    private static void Replace(HttpRequestMessage request, string header, string value)
    {
        request.Headers.Remove(header);
        request.Headers.TryAddWithoutValidation(header, value);
    }

    private static string Header(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));
}
