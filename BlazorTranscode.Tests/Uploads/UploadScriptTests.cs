using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>
/// The upload scripts without a browser, against a server of a few lines: a file has 9 MiB and a piece 8. What is asked is written as method,
/// address, offset, owner and status.
/// </summary>
public sealed class UploadScriptTests
{
    private const string Created = "POST /uploads/ anna 201";
    private const string First = "PATCH /uploads/1 0 anna 204";
    private const string Second = "PATCH /uploads/1 8388608 anna 204";

    [Fact]
    public async Task ProxyThatRefusesLargePieces_GetsSmallerOnes() => Assert.Equal(
        [
            Created, "PATCH /uploads/1 0 anna 413", "GET /uploads/1?from=0 anna 200", "PATCH /uploads/1 0 anna 413", "GET /uploads/1?from=0 anna 200",
            First, "PATCH /uploads/1 2097152 anna 204", "PATCH /uploads/1 4194304 anna 204", "PATCH /uploads/1 6291456 anna 204", Second, "finished:",
        ],
        await RunAsync("smallPieces"));

    [Fact]
    public async Task ProxyThatRefusesAllPieces_IsNamed()
    {
        var log = await RunAsync("noPieces");
        Assert.Equal(8, log.Count(line => line.EndsWith("413", StringComparison.Ordinal))); // From 8 MiB down to 64 KiB.
        Assert.StartsWith("failed: A proxy in front of this server refuses even small pieces of a file (nginx: client_max_body_size).", log[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outage_OfAnyLength_IsWaitedFor() => Assert.Equal([Created, First, "20 times", Second, "finished:"], await RunAsync("outage"));

    [Fact]
    public async Task LineOnWhichNothingMoves_IsGivenUp() => Assert.Equal(
        [Created, First, "PATCH /uploads/1 8388608 anna 0", "GET /uploads/1?from=8388608 anna 200", Second, "finished:"], await RunAsync("deadLine"));

    [Fact]
    public async Task BytesThatTheServerLost_AreSaid_AndSentAgain() => Assert.Equal(
        [
            Created, First, "PATCH /uploads/1 8388608 anna 503", "GET /uploads/1?from=8388608 anna 404", Created, "PATCH /uploads/2 0 anna 204",
            "PATCH /uploads/2 8388608 anna 204", "finished:", "What had arrived was lost on the server; it begins again.",
        ],
        await RunAsync("lost"));

    [Fact]
    public async Task UploadToWhichAnotherFileWasAdded_IsLeftToThatFile() => Assert.Equal(
        [
            Created, First, "PATCH /uploads/1 8388608 anna 503", "GET /uploads/1?from=8388608 anna 200", Created, "PATCH /uploads/2 0 anna 204",
            "PATCH /uploads/2 8388608 anna 204", "finished:",
        ],
        await RunAsync("overtaken"));

    [Fact]
    public async Task InterruptedUpload_ThatCannotBeCompared_IsThrownAwayInWords() => Assert.Equal(
        [
            "GET /uploads/1?from=0 anna 200", "DELETE /uploads/1 anna 204", Created, "PATCH /uploads/2 0 anna 204", "PATCH /uploads/2 8388608 anna 204",
            "finished:", "What had arrived could not be compared with this file, so it begins again.",
        ],
        await RunAsync("incomparable"));

    [Fact]
    public async Task SeveralInterruptedUploads_AreTriedUntilOneIsOfTheFile() => Assert.Equal(
        ["GET /uploads/1?from=0 anna 200", "GET /uploads/2?from=0 anna 200", "PATCH /uploads/2 8912896 anna 204", "interrupted:", "finished:"],
        await RunAsync("severalLeft"));

    [Fact]
    public async Task AnotherPerson_StopsAnUpload_WhichGoesOnWhenItsOwnerIsBack() => Assert.Equal(
        [
            Created, First, "PATCH /uploads/1 8388608 anna 403", "failed true", "0 seen by ben", "GET /uploads/1?from=8388608 anna 200", Second, "finished:",
        ],
        await RunAsync("anotherPerson"));

    [Fact]
    public async Task FileThatIsChosenTwice_IsSaid_AndOneThatOnlyLooksLikeItIsUploaded() => Assert.Equal(
        ["finished:", "double: This file is already being uploaded.", "finished:"], await RunAsync("chosenTwice"));

    private static async Task<string[]> RunAsync(string scenario)
    {
        using var folder = new TempFolder();
        return await folder.AskAsync("BlazorTranscode.Tests/Uploads/upload-scripts.mjs", scenario);
    }
}
