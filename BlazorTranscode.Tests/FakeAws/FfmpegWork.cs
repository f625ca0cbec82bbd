using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.S3;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.FakeAws;

/// <summary>Really does what was ordered: from the bucket, by ffmpeg, into the bucket.</summary>
internal sealed class FfmpegWork(IAmazonS3 client)
{
    /// <returns>How long the outputs play.</returns>
    public Task<TimeSpan> DoAsync(SimulatedJob job) => DoAsync(job.Source, job.Outputs.Select(o => (o.Path, Arguments(o.Audio))));

    /// <param name="source">Where it is, as <c>s3://bucket/key</c>.</param>
    /// <param name="outputs">Where each goes, and the options for its encoder.</param>
    public async Task<TimeSpan> DoAsync(string source, IEnumerable<(string Path, string[] Options)> outputs)
    {
        using var folder = new TempFolder();
        var input = folder.File("source");
        var (bucket, key) = Split(source);
        using (var answer = await client.GetObjectAsync(bucket, key))
            await answer.WriteResponseStreamToFileAsync(input, append: false, CancellationToken.None);
        var length = TimeSpan.Zero;
        foreach (var (path, options) in outputs)
        {
            var file = folder.File(Path.GetFileName(path));
            await RunAsync("ffmpeg", ["-v", "error", "-i", input, "-map", "0:a:0", .. options, file]);
            length = TimeSpan.FromSeconds(double.Parse(
                await RunAsync("ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file]), CultureInfo.InvariantCulture));
            (bucket, key) = Split(path);
            await client.PutObjectAsync(new() { BucketName = bucket, Key = key, FilePath = file, UseChunkEncoding = false });
        }

        return length;
    }

    private static string[] Arguments(JsonObject audio)
    {
        var codec = (string)audio["codec"]!;
        var settings = (JsonObject)audio[$"{codec.ToLowerInvariant()}Settings"]!;
        var encoder = codec switch { "MP3" => "libmp3lame", "AAC" => "aac", "OPUS" => "libopus", "FLAC" => "flac", _ => "pcm_s16le" };
        return
        [
            "-c:a", encoder, "-ar", settings["sampleRate"]!.ToString(), "-ac", "2", .. settings["bitrate"] is { } rate ? ["-b:a", rate.ToString()] : (string[])[],
        ];
    }

    private static (string Bucket, string Key) Split(string address) => address["s3://".Length..].Split('/', 2) is [var bucket, var key] ? (bucket, key) : ("", "");

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(await errors);
    }
}
