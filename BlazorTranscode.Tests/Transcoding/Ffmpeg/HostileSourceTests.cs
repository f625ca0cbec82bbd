using System.Net;
using System.Net.Sockets;
using BlazorTranscode.Audio;
using BlazorTranscode.Transcoding.Ffmpeg;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>
/// Files that call themselves a song and ask ffmpeg to read something else. Each is tried inside the sandbox and without it, because
/// the lists of containers and protocols must hold alone.
/// </summary>
public sealed class HostileSourceTests : IDisposable
{
    private readonly FfmpegBench _bench = FfmpegBench.Create();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public HostileSourceTests() => _listener.Start();

    public void Dispose()
    {
        _listener.Dispose();
        _bench.Dispose();
    }

    // SECRET is a valid recording beside the job's source, ABSOLUTE its full path, URL an address on this machine that counts its callers.
    public static TheoryData<string> Playlists { get; } =
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\nURL\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\nABSOLUTE\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\nfile:ABSOLUTE\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\nSECRET\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\ndata:audio/aac;base64,//FQQCP//A==\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-KEY:METHOD=AES-128,URI=\"ABSOLUTE\",IV=0x0\n#EXTINF:2,\ncrypto+file:ABSOLUTE\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\nsubfile,,start,0,end,0,,:ABSOLUTE\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\nconcat:ABSOLUTE|ABSOLUTE\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nURL\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-MAP:URI=\"ABSOLUTE\"\n#EXTINF:2,\nSECRET\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile SECRET\n",
        "ffconcat version 1.0\nfile ABSOLUTE\n",
        "ffconcat version 1.0\nfile URL\n",
        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" mediaPresentationDuration=\"PT2S\"><Period><AdaptationSet mimeType=\"audio/mp4\"><Representation id=\"1\" bandwidth=\"1\"><BaseURL>URL</BaseURL></Representation></AdaptationSet></Period></MPD>",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio PORT RTP/AVP 0\n",
        "#EXTM3U\nABSOLUTE\n",
        "[playlist]\nFile1=ABSOLUTE\nNumberOfEntries=1\nVersion=2\n",
        "FILE \"SECRET\" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n",
        "<?xml version=\"1.0\"?><AssetMap xmlns=\"http://www.smpte-ra.org/schemas/429-9/2007/AM\"><AssetList><Asset><ChunkList><Chunk><Path>SECRET</Path></Chunk></ChunkList></Asset></AssetList></AssetMap>",
        "DirectShowSource(\"ABSOLUTE\")\n",
        "RTSPtext\nURL\n",
    ];

    [Theory]
    [MemberData(nameof(Playlists))]
    public async Task Transcode_Playlist_IsRefusedAndReadsNothingElse(string playlist)
    {
        foreach (var isolated in new[] { true, false })
        {
            _bench.Sandbox.Isolated = isolated;
            var secret = await _bench.MakeAsync("secret.aac", "-f lavfi -i sine=d=2 OUT");
            var content = playlist.Replace("ABSOLUTE", secret, StringComparison.Ordinal).Replace("SECRET", "secret.aac", StringComparison.Ordinal)
                .Replace("URL", $"http://127.0.0.1:{Port}/a.aac", StringComparison.Ordinal).Replace("PORT", $"{Port}", StringComparison.Ordinal);

            DamagedSourceTests.AssertRefused(await _bench.TranscodeAsync(System.Text.Encoding.UTF8.GetBytes(content), [.. Preset.All]), "");

            // The same with the recording right beside the source, where a name without a folder leads to.
            var folder = Directory.CreateDirectory(_bench.File($"job{isolated}")).FullName;
            Directory.CreateDirectory(Path.Combine(folder, "out"));
            File.Copy(secret, Path.Combine(folder, "secret.aac"));
            await File.WriteAllTextAsync(Path.Combine(folder, "source"), content, TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<FfmpegException>(() => _bench.Probe.ReadAsync(folder, SandboxCommand.Source, TestContext.Current.CancellationToken));
        }

        Assert.False(_listener.Pending());
    }

    [Theory]
    [InlineData("alis")]
    [InlineData("url ")]
    public async Task Transcode_MovWhoseSamplesLieElsewhere_DoesNotReadThem(string kind)
    {
        // The data reference of this file says "in this file"; made to point to a neighbour, it must not give the neighbour's sound.
        foreach (var isolated in new[] { true, false })
        {
            _bench.Sandbox.Isolated = isolated;
            var secret = await _bench.MakeAsync("secret.mov", "-f lavfi -i sine=d=2 -c:a pcm_s16le OUT");
            var bytes = await File.ReadAllBytesAsync(secret, TestContext.Current.CancellationToken);
            var reference = bytes.AsSpan().IndexOf("dref"u8) + 12;
            System.Text.Encoding.ASCII.GetBytes(kind).CopyTo(bytes, reference + 4);
            bytes[reference + 11] = 0;
            // Its own samples are gone: whatever sounds now comes from elsewhere.
            var samples = bytes.AsSpan().IndexOf("mdat"u8) + 4;
            bytes.AsSpan(samples, 2 * 44100 * 2).Clear();

            var report = await _bench.TranscodeAsync(bytes, Preset.Wav);

            if (report.Outputs.Count > 0)
                Assert.All((await File.ReadAllBytesAsync(await _bench.FetchAsync(report, Preset.Wav), TestContext.Current.CancellationToken))[200..], sample => Assert.Equal(0, sample));
        }

        Assert.False(_listener.Pending());
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
}
