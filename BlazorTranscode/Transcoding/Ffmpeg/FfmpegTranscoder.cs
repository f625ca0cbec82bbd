using System.ComponentModel;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>Converts on this machine: one ffmpeg for all formats of a job, in a sandbox, and nothing believed that it or the file says.</summary>
internal sealed partial class FfmpegTranscoder(
    FfmpegHealth health, Ffprobe probe, ReservingEncoder encoder, IMediaStore store, DiskRoom disk, IOptions<DataOptions> data,
    IOptions<FfmpegOptions> options, ILogger<FfmpegTranscoder> logger) : ITranscoder
{
    public string Name => "ffmpeg";

    public string? Unavailable => health.Problem;

    public async Task<JobReport> StartAsync(TranscodeOrder order, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(data.Value.Work, $"{order.JobId:N}-{order.Attempt}");
        try
        {
            // Left behind by another run of the same attempt: what cannot be removed stays, and is in nobody's way.
            if (!ScratchFolder.TryDelete(folder))
                folder += $"-{Guid.NewGuid():N}";
            Directory.CreateDirectory(Path.Combine(folder, "out"));
            return await TranscodeAsync(order, folder, progress, cancellationToken);
        }
        catch (FfmpegException failure) when (failure.IsNotStarted)
        {
            return await NotStartedAsync(order, failure.Detail, cancellationToken);
        }
        catch (Win32Exception failure)
        {
            return await NotStartedAsync(order, failure.Message, cancellationToken);
        }
        catch (FfmpegException failure)
        {
            return Failed(order, failure.Message, failure.Retryable, failure.Detail);
        }
        catch (IOException e) when (StorageFullException.IsFull(e))
        {
            return Failed(order, FfmpegException.NoRoom, retryable: true) with { Outage = FfmpegException.NoRoom };
        }
        catch (FileNotFoundException)
        {
            return Failed(order, "What was uploaded is no longer there.", retryable: false);
        }
        finally
        {
            if (!ScratchFolder.TryDelete(folder))
                LogLeft(folder);
        }
    }

    public static FfmpegException TooLong(TimeSpan limit) => new($"It is longer than {limit.TotalHours:0.##} hours, which is the most that this server allows.");

    private async Task<JobReport> TranscodeAsync(TranscodeOrder order, string folder, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var path = await FetchAsync(order, folder, cancellationToken);
        File.CreateSymbolicLink(Path.Combine(folder, "source"), path);
        var bytes = new FileInfo(path).Length;
        if (bytes == 0)
            throw new FfmpegException("It is empty.");
        var source = await probe.ReadAsync(folder, SandboxCommand.Source, cancellationToken);
        if (!source.IsGuess && source.Declared > options.Value.MaxDuration)
            throw TooLong(options.Value.MaxDuration);

        var encoded = await encoder.EncodeAsync(order, folder, source, bytes, progress, cancellationToken);
        var made = await Task.WhenAll(order.Presets.Select(preset => CheckAsync(order, preset, folder, encoded.Decoded, cancellationToken)));
        foreach (var preset in order.Presets)
            await store.ImportAsync(order.OutputKey(preset), FfmpegArguments.OutputPath(folder, preset), cancellationToken);
        progress.Report(1);
        // FLAC leaves out a picture of more than 16 MiB without a word, so what counts is what can be seen in the outputs.
        var coverLost = source.CoverStream is not null && made.Any(m => FfmpegArguments.TakesCover(m.Preset) && !m.HasCover);
        var warning = Warning(source, encoded, SourceEnd.IsMissing(path), coverLost);
        return new(order.JobId, order.Attempt, JobState.Succeeded)
        {
            SourceDuration = encoded.Decoded, Outputs = [.. made.Select(m => m.Output)], Reason = warning, Detail = warning is null ? null : encoded.Detail,
        };
    }

    /// <summary>A copy takes disk like an upload does, so its room is reserved first.</summary>
    private async Task<string> FetchAsync(TranscodeOrder order, string folder, CancellationToken cancellationToken)
    {
        if (!store.FetchCopies)
            return await store.FetchAsync(order.SourceKey, folder, cancellationToken);
        long length;
        await using (var source = await store.OpenAsync(order.SourceKey, cancellationToken))
            length = source.Length;
        using var room = disk.Reserve(folder, length, () => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length));
        return await store.FetchAsync(order.SourceKey, folder, cancellationToken);
    }

    /// <summary>Finds out whether only this attempt could not start ffmpeg, or nothing can. In the second case the job waits.</summary>
    private async Task<JobReport> NotStartedAsync(TranscodeOrder order, string? detail, CancellationToken cancellationToken)
    {
        await health.LookAgainAsync(cancellationToken);
        return Failed(order, FfmpegException.NotStarted, retryable: true, detail) with { Outage = health.Problem };
    }

    /// <summary>Exit code 0 is no success: each output is read again, and must be as long as what was decoded.</summary>
    private async Task<(Preset Preset, JobOutput Output, bool HasCover)> CheckAsync(TranscodeOrder order, Preset preset, string folder, TimeSpan decoded, CancellationToken cancellationToken)
    {
        var file = new FileInfo(FfmpegArguments.OutputPath(folder, preset));
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

    private static JobReport Failed(TranscodeOrder order, string reason, bool retryable, string? detail = null) =>
        new(order.JobId, order.Attempt, JobState.Failed) { Reason = reason, Retryable = retryable, Detail = detail };

    [LoggerMessage(LogLevel.Warning, "The work folder {Folder} could not be removed altogether. Nothing waits for it; look at it, and remove it by hand")]
    private partial void LogLeft(string folder);
}
