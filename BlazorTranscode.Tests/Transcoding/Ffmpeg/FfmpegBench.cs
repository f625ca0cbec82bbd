using System.Diagnostics;
using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.Ffmpeg;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>The engine with a store and a folder of its own, on the real ffmpeg in the real sandbox unless the options say otherwise.</summary>
internal sealed class FfmpegBench : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SandboxThread _thread = new();

    private FfmpegBench(FfmpegOptions options, TimeProvider? time, Func<IMediaStore, IMediaStore>? store)
    {
        var data = Options.Create(new DataOptions { Folder = _folder.File("data") });
        Work = data.Value.Work;
        Disk = new(Options.Create(Storage));
        Store = new(data, Disk, TimeProvider.System);
        Sandbox = new(_thread, TimeProvider.System);
        var settings = Options.Create(options);
        Probe = new(Sandbox, settings, TimeProvider.System);
        Health = new(Sandbox, settings, time ?? TimeProvider.System, NullLogger<FfmpegHealth>.Instance);
        var encoder = new ReservingEncoder(new(Sandbox, settings, TimeProvider.System), Disk, (order, bytes, _) => Task.FromResult(Reserve(order, bytes)), settings);
        Transcoder = new(Health, Probe, encoder, store?.Invoke(Store) ?? Store, Disk, data, settings, NullLogger<FfmpegTranscoder>.Instance);
    }

    public string Work { get; }

    public StorageOptions Storage { get; } = new();

    public DiskRoom Disk { get; }

    /// <summary>What the owner of the job answers when room is asked of them; by default they have enough.</summary>
    public Func<TranscodeOrder, long, PersonalUse?> Reserve { get; set; } = (_, _) => null;

    public LocalMediaStore Store { get; }

    public Sandbox Sandbox { get; }

    public Ffprobe Probe { get; }

    public FfmpegHealth Health { get; }

    public FfmpegTranscoder Transcoder { get; }

    /// <summary>What the engine reported of the last job, in order.</summary>
    public List<double> Progress { get; } = [];

    /// <summary>A file in this bench's folder, outside the store.</summary>
    public string File(string name) => _folder.File(name);

    /// <param name="time">The clock of <see cref="Health"/>.</param>
    /// <param name="store">Puts a store in front of <see cref="Store"/>.</param>
    public static FfmpegBench Create(FfmpegOptions? options = null, TimeProvider? time = null, Func<IMediaStore, IMediaStore>? store = null) =>
        new(options ?? new(), time, store);

    /// <summary>Puts a copy of the file into the store and converts it.</summary>
    public async Task<JobReport> TranscodeAsync(string path, params Preset[] presets)
    {
        var order = await OrderAsync(path, presets);
        return await Transcoder.StartAsync(order, new Collector(Progress), TestContext.Current.CancellationToken);
    }

    public Task<JobReport> TranscodeAsync(byte[] content, params Preset[] presets)
    {
        System.IO.File.WriteAllBytes(File("content"), content);
        return TranscodeAsync(File("content"), presets);
    }

    public async Task<TranscodeOrder> OrderAsync(string path, params Preset[] presets)
    {
        var key = $"sources/{Guid.NewGuid():N}";
        System.IO.File.Copy(path, File("upload"), overwrite: true);
        await Store.ImportAsync(key, File("upload"), TestContext.Current.CancellationToken);
        Progress.Clear();
        return new(Guid.NewGuid(), 1, key, "A song", presets.Length == 0 ? [Preset.Wav] : presets);
    }

    /// <summary>The output as a file.</summary>
    public Task<string> FetchAsync(JobReport report, Preset preset) =>
        Store.FetchAsync(report.Outputs.Single(o => o.PresetId == preset.Id).StorageKey, Work, TestContext.Current.CancellationToken);

    /// <summary>Makes a file in this bench's folder: <c>OUT</c> in the arguments is its path, and words are split at spaces.</summary>
    public async Task<string> MakeAsync(string name, string arguments)
    {
        await RunAsync("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments.Split(' ').Select(word => word == "OUT" ? File(name) : word)]);
        return File(name);
    }

    /// <summary>Runs a program of the machine outside any sandbox and returns its output.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program}: {await errors}");
        return output;
    }

    public void Dispose()
    {
        Health.Dispose();
        _thread.Dispose();
        _folder.Dispose();
    }

    private sealed class Collector(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }
}
