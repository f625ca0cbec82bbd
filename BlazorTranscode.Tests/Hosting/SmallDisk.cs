using System.Diagnostics;
using System.Net;
using BlazorTranscode.Data;
using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding.Ffmpeg;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>The whole process with a data folder, or a folder in it, on a disk so small that it can be filled. Bubblewrap mounts it without root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _data = new();
    // Bubblewrap dies with the thread that started it, and those of the pool end whenever they like.
    private readonly SandboxThread _thread = new();
    private readonly string _disk;
    private readonly Process _app;

    private SmallDisk(string folder, int size, string prepare, string[] settings)
    {
        _disk = Directory.CreateDirectory(_data.File(folder)).FullName;
        _app = _thread.StartAsync(new ProcessStartInfo("bwrap",
        [
            "--unshare-user", "--uid", "0", "--cap-add", "CAP_SYS_ADMIN", "--dev-bind", "/", "/", "--size", $"{size}", "--tmpfs", _disk, "--chdir", _disk,
            "--die-with-parent", "--", "sh", "-ec", $"{prepare}\ncd \"$0\"; exec \"$@\"", AppContext.BaseDirectory,
            "dotnet", "exec", typeof(AppDbContext).Assembly.Location, $"--urls={Address}", $"--Data:Folder={_data.Path}",
            "--Accounts:Registration=Open", "--Storage:ReserveBytes=65536", "--Transcoding:RetryDelay=00:00:01", "--Logging:Console:LogLevel:Default=None",
            .. settings,
        ])).GetAwaiter().GetResult();
    }

    public Uri Address { get; } = new($"http://localhost:{FreePort.Find()}/");

    public bool HasExited => _app.HasExited;

    /// <summary>The disk, which is visible here only through the process that bubblewrap waits for.</summary>
    public string Path => $"/proc/{File.ReadAllText($"/proc/{_app.Id}/task/{_app.Id}/children").Trim()}/root{_disk}";

    /// <param name="folder">Where in the data folder the disk is mounted; empty for all of it.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="prepare">What a shell does on the disk before the app starts.</param>
    /// <param name="settings">Arguments of the app.</param>
    public static async Task<SmallDisk> StartAsync(string folder = "", int size = 16 << 20, string prepare = "", string[]? settings = null)
    {
        var disk = new SmallDisk(folder, size, prepare, settings ?? []);
        try
        {
            await Eventually.TrueAsync(disk.AnswersAsync);
            return disk;
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    /// <summary>Does it until the disk takes no more. It has an end of its own: on any other disk it must not go on.</summary>
    public static void Fill(Action<int> write)
    {
        for (var i = 0; i < 10_000; i++)
        {
            try
            {
                write(i);
            }
            catch (IOException)
            {
                return;
            }
        }

        throw new InvalidOperationException("This is not the small disk.");
    }

    public async Task<HttpStatusCode> HealthAsync(string path)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(Address, path), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    public void Dispose()
    {
        _app.Kill(entireProcessTree: true);
        _app.WaitForExit();
        _app.Dispose();
        _thread.Dispose();
        _data.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return await HealthAsync(Health.LivePath) == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return _app.HasExited ? throw new InvalidOperationException($"The app ended with {_app.ExitCode}.") : false;
        }
    }
}
