using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>Sets bytes aside for the outputs of an attempt in what their owner may have; see <see cref="JobRoom.ReserveAsync"/>.</summary>
internal delegate Task<PersonalUse?> ReserveForOwner(TranscodeOrder order, long bytes, CancellationToken cancellationToken);

/// <summary>
/// Lets ffmpeg work within what was set aside for its outputs before, both for their owner and on the disk. A source that plays longer
/// than it says is stopped there, and begun again if more can be set aside.
/// </summary>
internal sealed class ReservingEncoder(
    FfmpegEncoder encoder, DiskRoom disk, ReserveForOwner reserveForOwner, IOptions<FfmpegOptions> options)
{
    /// <exception cref="FfmpegException">It failed, or the owner has no room; the outputs are worth nothing.</exception>
    /// <exception cref="StorageFullException">The disk has no room at the moment.</exception>
    public async Task<Encoded> EncodeAsync(
        TranscodeOrder order, string folder, SourceInfo source, long sourceBytes, IProgress<double> progress, CancellationToken cancellationToken)
    {
        OutputNeed? before = null;
        for (var need = OutputNeed.Of(source, order.Presets, sourceBytes, options.Value); ; (before, need) = (need, need.Grown))
        {
            if (await reserveForOwner(order, need.Bytes, cancellationToken) is { } use)
                throw NoRoomOf(use, need, before);
            using var room = disk.Reserve(folder, need.Bytes, () => order.Presets.Sum(preset => LengthOf(folder, preset)));
            try
            {
                return await encoder.EncodeAsync(folder, source, order.Presets, sourceBytes, need.FileBytes, progress, cancellationToken);
            }
            // Only if the disk has less than was set aside: the words may also come from a hostile file, which must not wait for ever.
            catch (FfmpegException failure) when (failure.IsNoRoom && disk.Unused(folder) < room.Outstanding)
            {
                throw new StorageFullException(failure);
            }
            catch (FfmpegException failure) when (failure.IsTooLarge && need.FileBytes < options.Value.MaxOutputBytes)
            {
                // What was made so far would be counted beside what is set aside next.
                foreach (var preset in order.Presets)
                    ScratchFolder.TryDelete(FfmpegArguments.OutputPath(folder, preset));
            }
        }
    }

    private static FfmpegException NoRoomOf(PersonalUse use, OutputNeed need, OutputNeed? before)
    {
        var size = before is null ? $"need up to {Measures.Size(need.Bytes)}" : $"be larger than {Measures.Size(before.FileBytes)}";
        var used = Measures.Part(use.Used, use.Limit!.Value);
        return new($"The result would {size}, and you have used {used}. Delete something, then try again.");
    }

    private static long LengthOf(string folder, Preset preset) =>
        new FileInfo(FfmpegArguments.OutputPath(folder, preset)) is { Exists: true } file ? file.Length : 0;
}
