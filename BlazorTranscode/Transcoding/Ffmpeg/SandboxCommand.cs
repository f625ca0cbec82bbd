using System.Diagnostics;
using System.Globalization;

namespace BlazorTranscode.Transcoding.Ffmpeg;

/// <summary>
/// One program over one job's folder. It sees <c>source</c> (read only) one level above its working folder <c>out</c>; with these relative
/// names its arguments and its messages are the same inside and outside a sandbox, and tell no path of the machine.
/// </summary>
/// <param name="Program">Absolute.</param>
/// <param name="Arguments">Passed as they are; no shell sees them.</param>
/// <param name="Folder">The job's folder with <c>source</c> and <c>out</c>; null for a program that needs neither.</param>
internal sealed record SandboxCommand(string Program, IEnumerable<string> Arguments, string? Folder)
{
    /// <summary>Name of the source, seen from the working folder.</summary>
    public const string Source = "../source";

    /// <summary>Address space in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Largest file that it may write, in bytes; beyond it is ended by a signal.</summary>
    public long FileBytes { get; init; } = 1 << 20;

    /// <summary>Computing time after which it is ended by a signal.</summary>
    public TimeSpan CpuTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether bubblewrap shall be around it, for finding out what this machine can do; null for what was found out.</summary>
    public bool? Isolated { get; init; }

    public ProcessStartInfo ToStartInfo(bool isolated)
    {
        // No limit on processes: it counts all of a user's processes and threads on the machine, not those of this job.
        var seconds = (long)CpuTime.TotalSeconds;
        IEnumerable<string> all =
        [
            "nice", "-n", "10",
            "prlimit", Invariant($"--cpu={seconds}:{seconds + 5}"), Invariant($"--as={MemoryBytes}"), Invariant($"--fsize={FileBytes}"),
            "--nofile=64", "--core=0", "--",
            .. isolated ? Bubblewrap() : ["setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--"],
            Program, .. Arguments,
        ];
        // A session of its own is a process group of its own, so that it can be ended with its children.
        var info = new ProcessStartInfo("setsid", all)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            WorkingDirectory = Folder is null ? "/" : Path.Combine(Folder, "out"),
        };
        // Nothing of the app's own environment, where secrets may be, reaches a decoder.
        info.Environment.Clear();
        info.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        return info;
    }

    private IEnumerable<string> Bubblewrap() =>
    [
        "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
        // Fewer arenas: each reserves address space, which is limited.
        "--clearenv", "--setenv", "PATH", "/usr/bin", "--setenv", "MALLOC_ARENA_MAX", "2",
        "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin",
        // Debian's ffmpeg finds some of its libraries only through these two.
        "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
        // No /proc and no /dev: where the app runs as root, root is what it is inside, and could write the host kernel's settings (tried)
        // or change who may use its devices. ffmpeg misses neither.
        .. Program.StartsWith("/usr/", StringComparison.Ordinal) ? (string[])[] : ["--ro-bind", Path.GetDirectoryName(Program)!, Path.GetDirectoryName(Program)!],
        .. Folder is null ? (string[])[] :
        [
            "--ro-bind", Path.Combine(Folder, "source"), "/job/source", "--bind", Path.Combine(Folder, "out"), "/job/out", "--chdir", "/job/out",
        ],
        "--remount-ro", "/", "--",
    ];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
