using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>Converts on this machine: one ffmpeg for all formats of a job, in a sandbox, and nothing believed that it or the file says.</summary>
internal sealed class FfmpegTranscoder(
    FfmpegHealth health, Ffprobe probe, FfmpegEncoder encoder, IMediaStore store, IOptions<DataOptions> data, IOptions<StorageOptions> storage, IOptions<FfmpegOptions> options) : ITranscoder
{
    public string Name => "ffmpeg";

    public string? Unavailable => health.Problem;

    public async Task<JobReport> StartAsync(TranscodeOrder order, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(data.Value.Work, $"{order.JobId:N}-{order.Attempt}");
        try
        {
            Clear(folder);
            Directory.CreateDirectory(Path.Combine(folder, "out"));
            return await TranscodeAsync(order, folder, progress, cancellationToken);
        }
        catch (FfmpegException failure)
        {
            return Failed(order, failure.Message, failure.Retryable, failure.Detail);
        }
        catch (IOException e) when (StorageFullException.IsFull(e))
        {
            return Failed(order, FfmpegException.NoRoom, retryable: true);
        }
        catch (FileNotFoundException)
        {
            return Failed(order, "What was uploaded is no longer there.", retryable: false);
        }
        finally
        {
            Clear(folder);
        }
    }

    public static FfmpegException TooLong(TimeSpan limit) => new($"It is longer than {limit.TotalHours:0.##} hours, which is the most that this server allows.");

    private async Task<JobReport> TranscodeAsync(TranscodeOrder order, string folder, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var path = await store.FetchAsync(order.SourceKey, folder, cancellationToken);
        File.CreateSymbolicLink(Path.Combine(folder, "source"), path);
        var bytes = new FileInfo(path).Length;
        if (bytes == 0)
            throw new FfmpegException("It is empty.");
        var source = await probe.ReadAsync(folder, SandboxCommand.Source, cancellationToken);
        if (!source.IsGuess && source.Declared > options.Value.MaxDuration)
            throw TooLong(options.Value.MaxDuration);

        // WAV and FLAC may both come near to it; everything else is small beside them.
        var room = (new DriveInfo(folder).AvailableFreeSpace - storage.Value.ReserveBytes) / 2;
        if (room <= 0)
            throw new FfmpegException(FfmpegException.NoRoom, retryable: true);
        var encoded = await encoder.EncodeAsync(folder, source, order.Presets, bytes, Math.Min(room, options.Value.MaxOutputBytes), progress, cancellationToken);
        var made = await Task.WhenAll(order.Presets.Select(preset => CheckAsync(order, preset, folder, encoded.Decoded, cancellationToken)));
        foreach (var preset in order.Presets)
            await store.ImportAsync(order.OutputKey(preset), OutputPath(folder, preset), cancellationToken);
        progress.Report(1);
        // FLAC leaves out a picture of more than 16 MiB without a word, so what counts is what can be seen in the outputs.
        var coverLost = source.CoverStream is not null && made.Any(m => FfmpegArguments.TakesCover(m.Preset) && !m.HasCover);
        var warning = Warning(source, encoded, SourceEnd.IsMissing(path), coverLost);
        return new(order.JobId, order.Attempt, JobState.Succeeded)
        {
            SourceDuration = encoded.Decoded, Outputs = [.. made.Select(m => m.Output)], Reason = warning, Detail = warning is null ? null : encoded.Detail,
        };
    }

    /// <summary>Exit code 0 is no success: each output is read again, and must be as long as what was decoded.</summary>
    private async Task<(Preset Preset, JobOutput Output, bool HasCover)> CheckAsync(TranscodeOrder order, Preset preset, string folder, TimeSpan decoded, CancellationToken cancellationToken)
    {
        var file = new FileInfo(OutputPath(folder, preset));
        // A link could only come from a decoder that was taken over, and would give away whatever it points to.
        if (!file.Exists || file.LinkTarget is not null || file.Length == 0)
            throw new FfmpegException($"The {preset.Label} could not be made.", retryable: true);
        var output = await probe.ReadAsync(folder, FfmpegArguments.OutputName(preset), cancellationToken);
        if (output.Declared is not { } duration || (duration - decoded).Duration() > Tolerance(decoded))
            throw new FfmpegException($"The {preset.Label} came out with a wrong length.", retryable: true, $"{output.Declared} instead of {decoded}.");
        return (preset, new(preset.Id, order.OutputKey(preset), file.Length, duration), output.CoverStream is not null);
    }

    /// <summary>
    /// Too little came out only if the file itself says how long it is. A VBR MP3 without a Xing header says nothing, ffprobe guesses from
    /// its first frames and may be wrong by half; such a guess is known by <see cref="SourceInfo.IsGuess"/>.
    /// </summary>
    private static string? Warning(SourceInfo source, Encoded encoded, bool endMissing, bool coverLost)
    {
        var isShort = !source.IsGuess && source.Declared is { } declared && declared - encoded.Decoded > Tolerance(declared);
        string?[] sentences =
        [
            isShort ? $"It should play {Clock(source.Declared!.Value)}, but only {Clock(encoded.Decoded)} could be decoded: it was cut off or is damaged."
                : endMissing ? "Its end is missing: it was probably cut off."
                : encoded.Damaged ? "Some of it is damaged and could not be decoded." : null,
            coverLost ? "Its cover picture could not be kept in every format." : null,
        ];
        return sentences.Any(s => s is not null) ? string.Join(' ', sentences.Where(s => s is not null)) : null;
    }

    private static TimeSpan Tolerance(TimeSpan length) => TimeSpan.FromSeconds(Math.Max(1, length.TotalSeconds * 0.02));

    private static string Clock(TimeSpan length) => $"{(int)length.TotalHours}:{length:mm\\:ss}";

    private static string OutputPath(string folder, Preset preset) => Path.Combine(folder, "out", FfmpegArguments.OutputName(preset));

    private static JobReport Failed(TranscodeOrder order, string reason, bool retryable, string? detail = null) =>
        new(order.JobId, order.Attempt, JobState.Failed) { Reason = reason, Retryable = retryable, Detail = detail };

    private static void Clear(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
