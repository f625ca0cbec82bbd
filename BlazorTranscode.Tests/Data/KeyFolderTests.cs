using System.Runtime.Versioning;
using System.Xml.Linq;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;

namespace BlazorTranscode.Tests.Data;

[SupportedOSPlatform("linux")]
public sealed class KeyFolderTests : IDisposable
{
    private readonly TempFolder _scratch = new();

    /// <summary>F14: the folder is a link, first to where not even root can write.</summary>
    [Fact]
    public void Key_ThatCannotBeWritten_IsKept_AndWrittenWhenItCanBe()
    {
        var link = _scratch.File("keys");
        Directory.CreateSymbolicLink(link, "/proc/self/task");
        var folder = new KeyFolder(new(link), NullLoggerFactory.Instance);

        folder.StoreElement(new XElement("key", "a"), "key-a");
        Assert.Equal("a", Assert.Single(folder.GetAllElements()).Value);

        Directory.Delete(link);
        Assert.Equal("a", Assert.Single(folder.GetAllElements()).Value);
        Assert.Equal("a", XElement.Load(Path.Combine(link, "key-a.xml")).Value);
    }

    /// <summary>As in a container with a read-only root: what is written goes by way of no other folder.</summary>
    [Fact]
    public async Task Keys_WithoutAFolderForTemporaryFiles_AreWritten()
    {
        using var app = await AppProcess.StartAsync(new() { ["TMPDIR"] = _scratch.File("missing") });
        var key = Assert.Single(Directory.GetFiles(Path.Combine(app.DataFolder, "keys")));
        Assert.StartsWith("key-", Path.GetFileName(key), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
    }

    public void Dispose() => _scratch.Dispose();
}
