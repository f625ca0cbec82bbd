using System.Buffers.Binary;
using System.Net;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Uploads;

namespace BlazorTranscode.Tests.Flow.Ledger;

/// <summary>
/// A person who uploads one file after another, each with content of its own, in pieces, and goes on where the server says after whatever
/// has happened to it.
/// </summary>
internal sealed class Uploader(TestUser user, Ledger ledger, int seed)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Milliseconds between two files, so that the engine keeps up and there is news to close.</summary>
    private const int LongestRest = 4000;

    private readonly Random _random = new(seed);
    private readonly TusClient _tus = new(user);

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await UploadAsync(stop);
            await Task.Delay(_random.Next(LongestRest), CancellationToken.None);
        }
    }

    private async Task UploadAsync(CancellationToken stop)
    {
        var bytes = Noise(_random.Next(20_000, 600_000));
        string? url = null;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                url ??= await CreateAsync(bytes.Length);
                if (url is not null && await SendAsync(url, bytes) is { } done)
                {
                    if (done)
                    {
                        ledger.Arrived(TusClient.IdOf(url), user.Id, bytes);
                        return;
                    }

                    url = null; // The server does not know it: it was made after the copy of the database that was restored.
                }
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException)
            {
                // The app was killed, or the line was cut.
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task<string?> CreateAsync(int length)
    {
        using var answer = await _tus.PostAsync(length, TusClient.Metadata($"{Guid.NewGuid():N}.wav", _random.Next(3) == 0 ? "mp3,flac" : "mp3"));
        return answer.StatusCode == HttpStatusCode.Created ? answer.Headers.Location!.ToString() : Expect(answer) ? null : null;
    }

    /// <returns>True if the last byte was acknowledged, false if the upload is unknown, null if it is to be tried again.</returns>
    private async Task<bool?> SendAsync(string url, byte[] bytes)
    {
        using var head = await _tus.HeadAsync(url);
        if (head.StatusCode == HttpStatusCode.NotFound)
            return false;
        if (!Expect(head))
            return null;
        for (var offset = (int)TusClient.Offset(head); offset < bytes.Length;)
        {
            var end = Math.Min(bytes.Length, offset + _random.Next(10_000, 300_000));
            using var answer = await _tus.PatchAsync(url, offset, bytes[offset..end]);
            if (!Expect(answer))
                return null;
            offset = (int)TusClient.Offset(answer);
        }

        return true;
    }

    /// <summary>Success, or a refusal that tells to try again. All else is a fault of the app.</summary>
    private static bool Expect(HttpResponseMessage answer)
    {
        if (answer.IsSuccessStatusCode)
            return true;
        Assert.True(
            answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.InsufficientStorage or HttpStatusCode.Locked
                or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or HttpStatusCode.NotFound,
            $"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri}: {answer.StatusCode}");
        return false;
    }

    /// <summary>A WAV of noise: no two are alike.</summary>
    private byte[] Noise(int length)
    {
        var wav = new byte[44 + length / 2 * 2];
        _random.NextBytes(wav.AsSpan(44));
        "RIFF"u8.CopyTo(wav);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(4), wav.Length - 8);
        "WAVEfmt "u8.CopyTo(wav.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(24), 44_100);
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(28), 88_200);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(34), 16);
        "data"u8.CopyTo(wav.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(40), wav.Length - 44);
        return wav;
    }
}
