using System.Net;
using System.Net.Sockets;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding.Ffmpeg;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>What a program inside can see and do; asked with bash in place of ffmpeg. (A plain sh needs /dev/null.)</summary>
public sealed class SandboxTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SandboxThread _thread = new();
    private readonly Sandbox _sandbox;

    public SandboxTests()
    {
        _sandbox = new(_thread, TimeProvider.System);
        Directory.CreateDirectory(_folder.File("out"));
        File.WriteAllText(_folder.File("source"), "song");
        File.WriteAllText(_folder.File("neighbour"), "secret");
    }

    public void Dispose()
    {
        _thread.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Run_Files_AreOnlyThoseOfTheJob()
    {
        Assert.Equal("song", (await ShellAsync("cat ../source")).Output);
        Assert.Equal("", (await ShellAsync($"cat ../neighbour {_folder.File("neighbour")} /etc/passwd /root/* /home/*")).Output);
        Assert.Equal("bin\netc\njob\nlib\nlib64\nusr", (await ShellAsync("ls /")).Output.TrimEnd());
        Assert.Equal("out\nsource", (await ShellAsync("ls /job")).Output.TrimEnd());
    }

    [Fact]
    public async Task Run_Writing_IsPossibleOnlyInOut()
    {
        Assert.Equal(0, (await ShellAsync("echo made > here")).ExitCode);
        Assert.Equal("made\n", await File.ReadAllTextAsync(_folder.File("out/here"), TestContext.Current.CancellationToken));
        foreach (var place in new[] { "../source", "../new", "/new", "/usr/new", "/etc/new" })
            Assert.NotEqual(0, (await ShellAsync($"echo x > {place}")).ExitCode);
    }

    [Fact]
    public async Task Run_Network_IsNotThere()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var result = await RunAsync("/usr/bin/bash", ["-c", $"exec 3<>/dev/tcp/127.0.0.1/{port}"]);

        Assert.NotEqual(0, result.ExitCode);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task Run_OtherProcessesAndEnvironment_AreNotThere()
    {
        Environment.SetEnvironmentVariable("BLAZORTRANSCODE_TEST_SECRET", "secret");
        foreach (var isolated in new[] { true, false })
        {
            _sandbox.Isolated = isolated;
            Assert.DoesNotContain("SECRET", (await ShellAsync("env")).Output, StringComparison.Ordinal);
        }

        _sandbox.Isolated = true;
        Assert.NotEqual(0, (await ShellAsync($"kill -0 {Environment.ProcessId}")).ExitCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_Limits_AreSet(bool isolated)
    {
        _sandbox.Isolated = isolated;

        var limits = (await ShellAsync("ulimit -t; ulimit -v; ulimit -f; ulimit -n; ulimit -c; nice")).Output.Split('\n');

        Assert.Equal(["20", $"{1 << 20}", "1024", "64", "0", "10"], limits[..6]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_TooLargeFile_EndsBySignal(bool isolated)
    {
        _sandbox.Isolated = isolated;

        Assert.Equal(153, (await RunAsync("/usr/bin/dd", ["if=/usr/bin/bash", "of=large", "bs=1100k", "count=1"])).ExitCode);
    }

    [Fact]
    public async Task Run_StartedFromThreadsThatEnd_IsNotKilled()
    {
        var runs = new Task<SandboxResult>[40];
        for (var i = 0; i < runs.Length; i++)
        {
            var index = i;
            var starter = new Thread(() => runs[index] = ShellAsync("sleep 0.2; echo alive"));
            starter.Start();
            starter.Join();
        }

        Assert.All(await Task.WhenAll(runs), result => Assert.Equal((0, "alive\n"), (result.ExitCode, result.Output)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_EndOfTheThread_EndsWhatRuns(bool isolated)
    {
        // The same signal comes when the app is killed.
        _sandbox.Isolated = isolated;
        var marker = new Marker();
        var run = ShellAsync($"sleep 1000; echo {marker}");
        await Eventually.TrueAsync(() => marker.IsRunningIn("/usr/bin/bash"));

        _thread.Dispose();

        await Eventually.TrueAsync(() => !marker.IsRunning());
        Assert.Equal(137, (await run).ExitCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_Cancelled_EndsTheWholeFamilyThoughItIgnoresTerm(bool isolated)
    {
        _sandbox.Isolated = isolated;
        var marker = new Marker();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = RunAsync("/usr/bin/bash", ["-c", $"trap '' TERM; bash -c 'trap \"\" TERM; while :; do sleep 1000; done; echo {marker}' & while :; do sleep 1000; done; echo {marker}"], cancel.Token);
        await Eventually.TrueAsync(() => marker.Count() >= 2);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await Eventually.TrueAsync(() => !marker.IsRunning());
    }

    /// <summary>A sandbox is not yet bound to its parent while it is being built, and the moment of a cancel is anybody's.</summary>
    [Fact]
    public async Task Run_CancelledWhileTheSandboxIsBuilt_LeavesNothing()
    {
        var marker = new Marker();
        await Parallel.ForAsync(0, 200, async (i, stop) =>
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
            cancel.CancelAfter(TimeSpan.FromMilliseconds(i % 20));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync("/usr/bin/bash", ["-c", $"sleep 1000; echo {marker}"], cancel.Token));
        });
        await Eventually.TrueAsync(() => !marker.IsRunning());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_ChildThatStaysBehind_IsEndedAndHoldsNothingUp(bool isolated)
    {
        _sandbox.Isolated = isolated;
        var marker = new Marker();

        var result = await ShellAsync($"bash -c 'sleep 1000; echo {marker}' & echo done");

        Assert.Equal((0, "done\n"), (result.ExitCode, result.Output));
        await Eventually.TrueAsync(() => !marker.IsRunning());
    }

    [Fact]
    public async Task Run_Flood_IsReadToTheEndAndKeptInPart()
    {
        var result = await ShellAsync("(yes out | head -c 30000000) & { yes error | head -c 30000000; } >&2; wait; echo last >&2");

        Assert.Equal((0, 1 << 20, 64 << 10), (result.ExitCode, result.Output.Length, result.Errors.Length));
        Assert.EndsWith("last\n", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FloodWithoutLineEnds_IsCut()
    {
        var lines = new List<string>();
        var command = new SandboxCommand("/usr/bin/bash", ["-c", "yes | tr -d '\\n' | head -c 30000000; echo; echo end"], _folder.Path) { MemoryBytes = 1 << 30 };

        await _sandbox.RunAsync(command, lines.Add, TestContext.Current.CancellationToken);

        Assert.Equal([1000, 3], lines.Select(line => line.Length));
    }

    private Task<SandboxResult> ShellAsync(string script) => RunAsync("/usr/bin/bash", ["-c", script]);

    private Task<SandboxResult> RunAsync(string program, string[] arguments, CancellationToken? token = null) => _sandbox.RunAsync(
        new(program, arguments, _folder.Path) { MemoryBytes = 1 << 30 }, null, token ?? TestContext.Current.CancellationToken);
}
