using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BlazorTranscode.Data;
using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>The whole process on a data folder of 16 MiB, which bubblewrap can mount without root.</summary>
public sealed class DiskFullTests : IDisposable
{
    private const int Size = 16 << 20;
    private const string Password = "three quiet herons wade";

    private readonly TempFolder _data = new();
    private readonly Uri _address = FreeAddress();
    private Process? _app;

    [Fact]
    public async Task Disk_ThatIsFull_RefusesWhatIsNewInAPage_KeepsWhatWasThere_AndRecovers()
    {
        await StartAsync();
        Assert.Equal(HttpStatusCode.Found, await RegisterAsync("before"));
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(Health.ReadyPath));

        var filler = Fill();
        Assert.Equal(HttpStatusCode.InternalServerError, await RegisterAsync("meanwhile"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync(Health.ReadyPath));
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(Health.LivePath));

        File.Delete(filler);
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(Health.ReadyPath));
        Assert.Equal(HttpStatusCode.Found, await RegisterAsync("meanwhile"));
        Assert.Equal(HttpStatusCode.Found, await SendAsync("account/login", new() { ["Input.Email"] = "before@example.org", ["Input.Password"] = Password }));
        Assert.False(_app!.HasExited);
    }

    public void Dispose()
    {
        _app?.Kill(entireProcessTree: true);
        _app?.WaitForExit();
        _app?.Dispose();
        _data.Dispose();
    }

    private Task<HttpStatusCode> RegisterAsync(string name) => SendAsync(
        "account/register", new() { ["Input.Email"] = $"{name}@example.org", ["Input.Password"] = Password, ["Input.Repeat"] = Password });

    private async Task<HttpStatusCode> SendAsync(string page, Dictionary<string, string> fields)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _address };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        using var answer = await client.PostFormAsync(page, fields);
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> HealthAsync(string path)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(_address, path), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    /// <summary>Takes the last byte of the app's disk, which is visible here only through the process that bubblewrap waits for.</summary>
    private string Fill()
    {
        var inside = File.ReadAllText($"/proc/{_app!.Id}/task/{_app.Id}/children").Trim();
        var path = $"/proc/{inside}/root{_data.Path}/filler";
        using var filler = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        // The loop has an end of its own: on any other disk it must not go on.
        for (var written = 0; written < 2 * Size; written += 4096)
        {
            try
            {
                filler.Write(new byte[4096]);
            }
            catch (IOException)
            {
                return path;
            }
        }
        throw new InvalidOperationException("This is not the small disk.");
    }

    private async Task StartAsync()
    {
        _app = Process.Start(new ProcessStartInfo("bwrap",
        [
            "--dev-bind", "/", "/", "--size", $"{Size}", "--tmpfs", _data.Path, "--die-with-parent", "--",
            "dotnet", "exec", typeof(AppDbContext).Assembly.Location, $"--urls={_address}", $"--Data:Folder={_data.Path}",
            "--Accounts:Registration=Open", "--Storage:ReserveBytes=65536", "--Logging:Console:LogLevel:Default=None",
        ])
        {
            WorkingDirectory = AppContext.BaseDirectory,
        })!;
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await HealthAsync(Health.LivePath) == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return _app.HasExited ? throw new InvalidOperationException($"The app ended with {_app.ExitCode}.") : false;
            }
        }, TimeSpan.FromMinutes(1));
    }

    private static Uri FreeAddress()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return new($"http://localhost:{((IPEndPoint)free.LocalEndpoint).Port}/");
    }
}
