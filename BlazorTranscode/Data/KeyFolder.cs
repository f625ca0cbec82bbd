using System.Collections.Concurrent;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace BlazorTranscode.Data;

/// <summary>
/// The key ring as files. A new key is made two days before the old one ends, and whoever asked for a page then got an error if the disk
/// had no room for it. Here such a key is kept in memory, and written when the ring is read again, which is once a day.
/// </summary>
internal sealed partial class KeyFolder(DirectoryInfo folder, ILoggerFactory loggers) : FileSystemXmlRepository(folder, loggers)
{
    private readonly ConcurrentDictionary<string, XElement> _unwritten = new();
    private readonly ILogger _logger = loggers.CreateLogger<KeyFolder>();

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
            base.StoreElement(element, friendlyName);
            _unwritten.TryRemove(friendlyName, out _);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _unwritten[friendlyName] = element;
            LogNotWritten(failure, friendlyName, Directory.FullName);
        }
    }

    [LoggerMessage(LogLevel.Critical, "{Key} cannot be written to {Folder}. Sign-ins made with it end when the app does")]
    private partial void LogNotWritten(Exception failure, string key, string folder);
}
