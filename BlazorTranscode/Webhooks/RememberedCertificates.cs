using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// The addresses where signing certificates of SNS were found, in a file of the data folder: after a start they are fetched without
/// waiting behind addresses that strangers invent. The file decides nothing about trust.
/// </summary>
internal sealed partial class RememberedCertificates
{
    private const int Most = 10;

    private readonly string _file;
    private readonly ILogger<RememberedCertificates> _logger;
    private readonly Lock _lock = new();
    private List<string> _urls = [];

    public RememberedCertificates(IOptions<DataOptions> data, ILogger<RememberedCertificates> logger)
    {
        (_file, _logger) = (Path.Combine(data.Value.Root, "sns-certificates"), logger);
        Try(() => _urls = File.Exists(_file) ? [.. File.ReadLines(_file).Take(Most)] : []);
    }

    public bool Contains(string url)
    {
        lock (_lock)
            return _urls.Contains(url);
    }

    public void Add(string url)
    {
        lock (_lock)
        {
            if (_urls.Contains(url))
                return;
            _urls = [url, .. _urls.Take(Most - 1)];
            Try(() => File.WriteAllLines(_file, _urls));
        }
    }

    // Without the file the app works; only a flood right after a start would keep deliveries waiting.
    private void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFailed(_file, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{File} cannot be read or written: {Reason}")]
    private partial void LogFailed(string file, string reason);
}
