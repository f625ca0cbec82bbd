using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace BlazorTranscode.Webhooks;

/// <summary>A public key that SNS signs with, and from when to when its certificate is valid.</summary>
internal sealed record SigningKey(RSA Key, DateTimeOffset From, DateTimeOffset Until);

/// <summary>
/// What is at the address of a certificate: a key, or something that is certainly no certificate of SNS (<paramref name="IsUnfit"/>), or
/// neither, if it could not be fetched.
/// </summary>
internal readonly record struct CertificateAnswer(SigningKey? Key, bool IsUnfit);

/// <summary>
/// The public keys that SNS signs with, by the address of their certificate. A certificate is fetched once however many requests wait
/// for it. Anybody may name an address, so those that never held a key are fetched at a bounded rate, per network and altogether; those
/// that did are fetched again every day without that bound, and meanwhile their key is used.
/// </summary>
internal sealed partial class SigningCertificates(
    IHttpClientFactory http, RememberedCertificates remembered, TimeProvider time, ILogger<SigningCertificates> logger)
{
    /// <summary>The name of the HTTP client, whose handler follows no redirect and keeps no cookie.</summary>
    public const string Client = "sns";

    /// <summary>The largest certificate file that is read, in bytes; a genuine one has about 2,200.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>How long a fetch may take, from the connection to the last byte.</summary>
    public static readonly TimeSpan FetchTime = TimeSpan.FromSeconds(3);

    private const int MaxKeys = 10;
    private const int MaxFailures = 40;
    private const int FetchesPerMinute = 30;
    private const int FetchesPerMinuteAndNetwork = 6;
    private static readonly TimeSpan KeepFailure = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan KeepKey = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private readonly Queue<(DateTimeOffset At, string Network)> _fetches = new();
    private readonly Lock _lock = new();

    /// <summary>What is at an address that the caller has found trustworthy. The caller compares the dates of the key.</summary>
    /// <param name="name">The DNS name that the certificate must bear.</param>
    /// <param name="network">Where the message came from that names the address.</param>
    public async ValueTask<CertificateAnswer> GetAsync(string url, string name, string network, CancellationToken cancellationToken)
    {
        if (!_entries.TryGetValue(url, out var entry) || entry.AskAgain <= time.GetUtcNow())
            entry = Begin(url, name, network);
        if (entry is null)
            return default;
        return entry.Former is { } key && !entry.Answer.IsCompleted ? new(key, IsUnfit: false) : await entry.Answer.WaitAsync(cancellationToken);
    }

    private Entry? Begin(string url, string name, string network)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_entries.TryGetValue(url, out var entry) && entry.AskAgain > now)
                return entry;
            var former = entry?.Key;
            if (former is null && !remembered.Contains(url) && !MayFetch(network, now))
                return null;
            Forget(now);
            // Until the answer is there nobody else asks; no request owns the fetch, so none can cancel it.
            entry = new(former);
            entry.Answer = Task.Run(() => FetchAsync(url, name, entry));
            _entries[url] = entry; // last: from here on others wait for its key
            return entry;
        }
    }

    /// <summary>An address that never held a key: whoever names it has a few fetches a minute, and all together have some more.</summary>
    private bool MayFetch(string network, DateTimeOffset now)
    {
        while (_fetches.TryPeek(out var first) && now - first.At >= TimeSpan.FromMinutes(1))
            _fetches.Dequeue();
        if (_fetches.Count >= FetchesPerMinute || _fetches.Count(fetch => fetch.Network == network) >= FetchesPerMinuteAndNetwork)
            return false;
        _fetches.Enqueue((now, network));
        return true;
    }

    private async Task<CertificateAnswer> FetchAsync(string url, string name, Entry entry)
    {
        try
        {
            using var client = http.CreateClient(Client);
            using var response = await client.GetAsync(new Uri(url));
            if (response.StatusCode != HttpStatusCode.OK)
                throw new CryptographicException($"The host answered {(int)response.StatusCode}.");
            using var certificate = Read(await response.Content.ReadAsByteArrayAsync());
            if (Unfit(certificate, name) is { } reason)
            {
                entry.AskAgain = time.GetUtcNow() + KeepFailure;
                LogNotTrusted(url, reason);
                return new(null, IsUnfit: true);
            }

            entry.Key = new(certificate.GetRSAPublicKey()!, certificate.NotBefore, certificate.NotAfter);
            entry.AskAgain = time.GetUtcNow() + KeepKey;
            remembered.Add(url);
            return new(entry.Key, IsUnfit: false);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or CryptographicException or ArgumentException or IOException)
        {
            entry.Key = entry.Former; // What was good goes on being good.
            entry.AskAgain = time.GetUtcNow() + KeepFailure;
            LogNotTrusted(url, e.Message);
            return new(entry.Key, IsUnfit: false);
        }
    }

    private static string? Unfit(X509Certificate2 certificate, string name)
    {
        if (!certificate.MatchesHostname(name, allowWildcards: false, allowCommonName: false))
            return "It bears another name.";
        using var key = certificate.GetRSAPublicKey();
        return key is { KeySize: >= 2048 and <= 8192 } ? null : "Its key is not RSA of at least 2,048 bits.";
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

    /// <summary>Keys and failures have room apart, so that invented addresses push out no key.</summary>
    private void Forget(DateTimeOffset now)
    {
        foreach (var failure in _entries.Where(e => e.Value.HoldsNothing && e.Value.AskAgain <= now))
            _entries.TryRemove(failure);
        Keep(_entries.Where(e => e.Value.HoldsNothing), MaxFailures);
        Keep(_entries.Where(e => !e.Value.HoldsNothing), MaxKeys);
    }

    private void Keep(IEnumerable<KeyValuePair<string, Entry>> entries, int most)
    {
        foreach (var surplus in entries.OrderByDescending(e => e.Value.AskAgain).Skip(most - 1))
            _entries.TryRemove(surplus);
    }

    [LoggerMessage(LogLevel.Warning, "The signing certificate {Url} cannot be used: {Reason}")]
    private partial void LogNotTrusted(string url, string reason);

    /// <param name="former">The key of the fetch before, which is used until this one has ended.</param>
    private sealed class Entry(SigningKey? former)
    {
        private long _askAgain = DateTimeOffset.MaxValue.UtcTicks;
        private volatile SigningKey? _key;

        public SigningKey? Former => former;

        public SigningKey? Key { get => _key; set => _key = value; }

        public bool HoldsNothing => former is null && _key is null;

        public Task<CertificateAnswer> Answer { get; set; } = Task.FromResult(default(CertificateAnswer));

        public DateTimeOffset AskAgain
        {
            get => new(Volatile.Read(ref _askAgain), TimeSpan.Zero);
            set => Volatile.Write(ref _askAgain, value.UtcTicks);
        }
    }
}
