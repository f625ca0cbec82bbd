using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace BlazorTranscode.Hosting;

/// <summary>What one visitor may cost the server before anything of ours runs. A route that needs more says so on its endpoint.</summary>
internal static class Limits
{
    public const long RequestBodyBytes = 1 << 20;
    public const int RequestHeaders = 64;
    public const int RequestHeadersBytes = 16 * 1024;
    public const int RequestLineBytes = 8 * 1024;
    public const int Connections = 5_000;
    public const int UpgradedConnections = 2_000;
    public const int StreamsPerConnection = 50;
    public const int RequestBodyBytesPerSecond = 1024;

    public static readonly TimeSpan RequestBodyGrace = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan RequestHeadersTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a silent connection lives. WebSockets are not affected.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>How long a stop may take before what still runs is cut off. Docker kills after ten seconds.</summary>
    public static readonly TimeSpan Shutdown = TimeSpan.FromSeconds(8);

    /// <summary>How long a request that is open when a stop begins may go on.</summary>
    public static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    public static void Apply(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        var limits = server.Limits;
        limits.MaxRequestBodySize = RequestBodyBytes;
        limits.MaxRequestHeaderCount = RequestHeaders;
        limits.MaxRequestHeadersTotalSize = RequestHeadersBytes;
        limits.MaxRequestLineSize = RequestLineBytes;
        limits.MaxConcurrentConnections = Connections;
        limits.MaxConcurrentUpgradedConnections = UpgradedConnections;
        limits.MinRequestBodyDataRate = new(RequestBodyBytesPerSecond, RequestBodyGrace);
        limits.RequestHeadersTimeout = RequestHeadersTimeout;
        limits.KeepAliveTimeout = KeepAlive;
        limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
    }
}
