using System.Collections.Concurrent;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace BlazorTranscode.Data;

/// <summary>
/// The key ring as files. A new key is made two days before the old one ends, and whoever asked for a page then got an error if the disk
/// had no room for it. Here such a key is kept in memory, and written when the ring is read again, which is once a day. The framework writes
/// by way of the system's folder for temporary files, which a container with a read-only root may not have; here the way is the folder itself.
/// </summary>
internal sealed partial class KeyFolder(DirectoryInfo folder, ILoggerFactory loggers) : FileSystemXmlRepository(folder, loggers)
{
    private readonly ConcurrentDictionary<string, XElement> _unwritten = new();
    private readonly ILogger _logger = loggers.CreateLogger<KeyFolder>();

    /// <summary>Whether there are keys that a restart would lose.</summary>
    public bool HasUnwritten => !_unwritten.IsEmpty;

    public override IReadOnlyCollection<XElement> GetAllElements()
    {
        foreach (var (name, element) in _unwritten)
            StoreElement(element, name);
        return [.. base.GetAllElements(), .. _unwritten.Values];
    }

    public override void StoreElement(XElement element, string friendlyName)
    {
        try
        {
            Write(element, Path.Combine(Directory.FullName, $"{friendlyName}.xml"));
            _unwritten.TryRemove(friendlyName, out _);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _unwritten[friendlyName] = element;
            LogNotWritten(failure, friendlyName, Directory.FullName);
        }
    }

    /// <summary>Under a name that is not read as a key until it is whole.</summary>
    private static void Write(XElement element, string path)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = $"{path}.part";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var file = new FileStream(part, options))
                element.Save(file);
            DurableFile.Publish(part, path);
        }
        finally
        {
            File.Delete(part);
        }
    }

    [LoggerMessage(LogLevel.Critical, "{Key} cannot be written to {Folder}. Sign-ins made with it end when the app does")]
    private partial void LogNotWritten(Exception failure, string key, string folder);
}
