using System.Diagnostics;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Benchmarks;

/// <summary>A server in a process of its own, so that its processor time is its own.</summary>
internal sealed class Server : IDisposable
{
    private readonly Process _process;

    private Server(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Processor time of all its threads since it began.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of memory that it holds now, and the most that it ever held.</summary>
    public (long Now, long Most) Memory
    {
        get
        {
            _process.Refresh();
            return (_process.WorkingSet64, _process.PeakWorkingSet64);
        }
    }

    /// <summary>Starts <c>dotnet assembly arguments…</c>, with <c>{address}</c> replaced by where to listen.</summary>
    public static async Task<Server> StartAsync(string assembly, params string[] arguments)
    {
        var port = FreePort.Find();
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments.Select(a => a.Replace("{address}", $"http://127.0.0.1:{port}", StringComparison.Ordinal))])
        {
            RedirectStandardOutput = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Logging__LogLevel__Default"] = "Error",
                // All code is compiled once and well; otherwise the compiler goes on improving it long after the measurement has begun.
                ["DOTNET_TieredCompilation"] = "0", ["DOTNET_ReadyToRun"] = "0",
            },
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Length > 0)
                Console.Error.WriteLine(line.Data);
        };
        process.BeginOutputReadLine();
        while (!process.HasExited && !await AnswersAsync(port))
            await Task.Delay(50);
        return process.HasExited ? throw new InvalidOperationException($"{assembly} ended with {process.ExitCode}.") : new(process, port);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Any answer will do. An open port alone says nothing: the app tries its port before it listens there.</summary>
    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new HttpClient();
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health/live"));
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
