using System.Diagnostics;
using System.Net;
using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>The app as a process of its own, so that it can be killed. Its address and data folder stay the same from start to start.</summary>
internal sealed class AppProcess : IDbContextFactory<AppDbContext>, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string> _settings;
    private readonly Queue<string> _log = new();
    private Process? _process;

    private AppProcess(Dictionary<string, string> settings) => _settings = settings;

    /// <summary>A command that starts the app, such as one that takes rights away from it.</summary>
    public string[] Under { get; set; } = [];

    /// <summary>What the next start finds in its environment.</summary>
    public Dictionary<string, string> Settings => _settings;

    public Uri Address { get; } = new($"http://localhost:{FreePort.Find()}/");

    public string DataFolder => _settings.GetValueOrDefault("Data__Folder", _folder.Path);

    /// <summary>Whether it has died, by itself or by a test's hand.</summary>
    public bool HasExited => _process!.HasExited;

    /// <summary>One that has not started: its data folder is empty.</summary>
    public static AppProcess Create(Dictionary<string, string>? settings = null) => new(settings ?? []);

    public static async Task<AppProcess> StartAsync(Dictionary<string, string>? settings = null)
    {
        var app = Create(settings);
        try
        {
            await app.StartAgainAsync();
            return app;
        }
        catch
        {
            app.Dispose();
            throw;
        }
    }

    /// <summary>Starts it and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        Launch();
        using var client = new HttpClient { BaseAddress = Address };
        await Eventually.TrueAsync(async () =>
        {
            if (HasExited)
                Assert.Fail($"The app ended with exit code {_process!.ExitCode}:\n{Log}");
            try
            {
                using var answer = await client.GetAsync(new Uri("health/live", UriKind.Relative), TestContext.Current.CancellationToken);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, TimeSpan.FromMinutes(1));
    }

    /// <summary>Starts it for a run that ends by itself, at a crash point or because it is refused.</summary>
    /// <param name="args">A command, or nothing.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunToItsEndAsync(params string[] args)
    {
        Launch(args);
        await _process!.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, as a service manager or a container engine stops it. Fails the test if it still runs after a minute.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync() =>
        await StopAsync(TimeSpan.FromMinutes(1)) ?? throw new TimeoutException("The app still runs a minute after it was told to stop.");

    /// <summary>SIGKILL, to the app alone: whatever it had started must notice by itself.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>SIGTERM, as a service manager or Docker sends it.</summary>
    /// <returns>The exit code, or null if it still ran at the deadline.</returns>
    public async Task<int?> StopAsync(TimeSpan deadline)
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process!.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        try
        {
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(deadline, TestContext.Current.CancellationToken);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Makes an account through the real form.</summary>
    public async Task<TestUser> RegisterAsync(string name)
    {
        const string Password = "three quiet herons wade";
        var cookies = new CookieContainer();
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = Address };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        var email = $"{name}@example.org";
        using var answer = await client.PostFormAsync("account/register", new()
        {
            ["Input.Email"] = email, ["Input.Password"] = Password, ["Input.Repeat"] = Password,
        });
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        await using var db = CreateDbContext();
        return new((await db.Users.SingleAsync(u => u.Email == email)).Id, email, Password, client, cookies);
    }

    public AppDbContext CreateDbContext() =>
        new(DesignTimeDatabase.Options($"Data Source={Path.Combine(DataFolder, "app.db")};Default Timeout=5;Pooling=false").Options);

    public string Log
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process?.Dispose();
        _folder.Dispose();
    }

#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    /// <summary>Starts it, or one of its commands, and does not wait.</summary>
    public void Launch(params string[] args)
    {
        var program = Path.Combine(Repository.Root, "BlazorTranscode", "bin", Configuration, "net10.0", "BlazorTranscode.dll");
        string[] command = [.. Under, "dotnet", program, .. args];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Path.Combine(Repository.Root, "BlazorTranscode"), RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development"; // only there are static files served without publishing
        start.Environment["ASPNETCORE_URLS"] = Address.ToString();
        start.Environment["Data__Folder"] = _folder.Path;
        start.Environment["Accounts__Registration"] = "Open";
        foreach (var (key, value) in _settings)
            start.Environment[key] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Remember(line.Data);
        _process.ErrorDataReceived += (_, line) => Remember(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Remember(string? line)
    {
        if (line is null)
            return;
        lock (_log)
        {
            _log.Enqueue(line);
            if (_log.Count > 200)
                _log.Dequeue();
        }
    }
}
