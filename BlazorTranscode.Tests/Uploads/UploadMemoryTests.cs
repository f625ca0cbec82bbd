using System.Net;
using System.Security.Cryptography;
using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>Counts what the whole process allocates, so nothing else may run beside it.</summary>
[Collection<Alone>]
public sealed class UploadMemoryTests
{
    private const int Size = 64 << 20;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upload_Of64MiBInOnePiece_AllocatesAFractionOfIt()
    {
        await using var app = UploadTestApp.Start();
        var tus = new TusClient(await app.CreateUserAsync("anna"));
        var url = await tus.CreateAsync(Size);
        var block = TusClient.Bytes(1 << 20);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        using var answer = await tus.PatchAsync(url, 0, new RepeatedContent(block, Size / block.Length));
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.InRange(allocated, 0, Size / 4);
        await using var db = await app.OpenDatabaseAsync();
        await using var stored = await app.Get<IMediaStore>().OpenAsync((await db.AudioFiles.SingleAsync(Stop)).StorageKey, Stop);
        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < Size / block.Length; i++)
            expected.AppendData(block);
        Assert.Equal(expected.GetHashAndReset(), await SHA256.HashDataAsync(stored, Stop));
    }
}

/// <summary>Tests in it run while no other test does.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
