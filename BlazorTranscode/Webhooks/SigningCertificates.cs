using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace BlazorTranscode.Webhooks;

/// <summary>
/// The public keys that SNS signs with, by the address of their certificate. A certificate is fetched once however many requests wait
/// for it; a parsed key is kept for up to a day, a failure for a minute, and new addresses are fetched at a bounded rate, because
/// anybody may name one.
/// </summary>
internal sealed partial class SigningCertificates(IHttpClientFactory http, TimeProvider time, ILogger<SigningCertificates> logger)
{
    /// <summary>The name of the HTTP client, whose handler follows no redirect and keeps no cookie.</summary>
    public const string Client = "sns";

    /// <summary>The largest certificate file that is read, in bytes; a genuine one has about 2,200.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>How long a fetch may take, from the connection to the last byte.</summary>
    public static readonly TimeSpan FetchTime = TimeSpan.FromSeconds(3);

    private const int MaxKept = 10;
    private const int FetchesPerMinute = 6;
    private static readonly TimeSpan KeepFailure = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan KeepKey = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private readonly Queue<DateTimeOffset> _fetches = new();
    private readonly Lock _lock = new();

    /// <summary>The key of the certificate at an address that the caller has found trustworthy, or null if it cannot be had now.</summary>
    /// <param name="name">The DNS name that the certificate must bear.</param>
    public async ValueTask<RSA?> KeyAsync(string url, string name, CancellationToken cancellationToken)
    {
        if (!_entries.TryGetValue(url, out var entry) || entry.Expires <= time.GetUtcNow())
            entry = Begin(url, name);
        return entry is null ? null : await entry.Key.WaitAsync(cancellationToken);
    }

    private Entry? Begin(string url, string name)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_entries.TryGetValue(url, out var entry) && entry.Expires > now)
                return entry;
            while (_fetches.TryPeek(out var first) && now - first >= TimeSpan.FromMinutes(1))
                _fetches.Dequeue();
            if (_fetches.Count >= FetchesPerMinute)
                return null;
            _fetches.Enqueue(now);
            Forget(now);
            // Until the answer is there nobody else asks; no request owns the fetch, so none can cancel it.
            entry = new(DateTimeOffset.MaxValue);
            entry.Key = Task.Run(() => FetchAsync(url, name, entry));
            _entries[url] = entry; // last: from here on others wait for its key
            return entry;
        }
    }

    private async Task<RSA?> FetchAsync(string url, string name, Entry entry)
    {
        try
        {
            using var client = http.CreateClient(Client);
            using var response = await client.GetAsync(new Uri(url));
            if (response.StatusCode != HttpStatusCode.OK)
                throw new CryptographicException($"The host answered {(int)response.StatusCode}.");
            using var certificate = Read(await response.Content.ReadAsByteArrayAsync());
            var now = time.GetUtcNow();
            if (now < certificate.NotBefore || now > certificate.NotAfter)
                throw new CryptographicException("It is not valid at this time.");
            if (!certificate.MatchesHostname(name, allowWildcards: false, allowCommonName: false))
                throw new CryptographicException("It bears another name.");
            var key = certificate.GetRSAPublicKey();
            if (key is not { KeySize: >= 2048 and <= 8192 })
                throw new CryptographicException("Its key is not RSA of at least 2,048 bits.");
            entry.Expires = Min(new DateTimeOffset(certificate.NotAfter), now + KeepKey);
            return key;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or CryptographicException or ArgumentException or IOException)
        {
            entry.Expires = time.GetUtcNow() + KeepFailure;
            LogNotTrusted(url, e.Message);
            return null;
        }
    }

    /// <summary>Exactly one PEM block, and that a certificate; text around it is no reason to trust the file.</summary>
    private static X509Certificate2 Read(byte[] file)
    {
        var text = Encoding.ASCII.GetString(file).Trim();
        var found = PemEncoding.Find(text);
        if (text[found.Label] != "CERTIFICATE" || text[found.Location].Length != text.Length)
            throw new CryptographicException("It is not one certificate alone.");
        return X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text[found.Base64Data]));
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (url, entry) in _entries)
        {
            if (entry.Expires <= now)
                _entries.TryRemove(url, out _);
        }

        while (_entries.Count >= MaxKept)
            _entries.TryRemove(_entries.MinBy(e => e.Value.Expires));
    }

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    [LoggerMessage(LogLevel.Warning, "The signing certificate {Url} cannot be used: {Reason}")]
    private partial void LogNotTrusted(string url, string reason);

    private sealed class Entry(DateTimeOffset expires)
    {
        private long _expires = expires.UtcTicks;

        public Task<RSA?> Key { get; set; } = Task.FromResult<RSA?>(null);

        public DateTimeOffset Expires
        {
            get => new(Volatile.Read(ref _expires), TimeSpan.Zero);
            set => Volatile.Write(ref _expires, value.UtcTicks);
        }
    }
}
