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
    public async Task<TimeSpan> DoAsync(SimulatedJob job)
    {
        using var folder = new TempFolder();
        var source = folder.File("source");
        var (bucket, key) = Split(job.Source);
        using (var answer = await client.GetObjectAsync(bucket, key))
            await answer.WriteResponseStreamToFileAsync(source, append: false, CancellationToken.None);
        var length = TimeSpan.Zero;
        foreach (var (path, audio) in job.Outputs)
        {
            var file = folder.File(Path.GetFileName(path));
            await RunAsync("ffmpeg", ["-v", "error", "-i", source, "-map", "0:a:0", .. Arguments(audio), file]);
            length = TimeSpan.FromSeconds(double.Parse(
                await RunAsync("ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file]), CultureInfo.InvariantCulture));
            (bucket, key) = Split(path);
            await client.PutObjectAsync(new() { BucketName = bucket, Key = key, FilePath = file, UseChunkEncoding = false });
        }

        return length;
    }

    private static IEnumerable<string> Arguments(JsonObject audio)
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
