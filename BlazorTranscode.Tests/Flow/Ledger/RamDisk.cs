using System.Diagnostics;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Flow.Ledger;

/// <summary>A disk of its own size that outlives the processes on it and can be filled from outside. It is mounted as root or through sudo.</summary>
internal sealed class RamDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <param name="size">Bytes.</param>
    public RamDisk(long size) => Run("mount", "-t", "tmpfs", "-o", $"size={size},mode=0777", "tmpfs", Path);

    public string Path => _folder.Path;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Leaves less than a page of room.</summary>
    public void Fill()
    {
        using var file = File.Create(Ballast);
        var block = new byte[1 << 20];
        for (var size = block.Length; size >= 4096;)
        {
            try
            {
                file.Write(block, 0, size);
                file.Flush();
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        _folder.Dispose();
    }

    private static void Run(params string[] command)
    {
        string[] all = Environment.IsPrivilegedProcess ? command : ["sudo", "-n", .. command];
        using var process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', all)}: {errors}");
    }
}
