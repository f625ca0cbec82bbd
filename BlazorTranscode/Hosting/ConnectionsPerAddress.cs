using System.Collections.Concurrent;
using System.Net;
using BlazorTranscode.Accounts;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>
/// Closes what one network connects beyond its share: all connections together are bounded, so without this one visitor could take them
/// all and say nothing. This machine and known proxies are left out, because they connect for others.
/// </summary>
internal sealed partial class ConnectionsPerAddress(IOptions<LimitsOptions> limits, IOptions<HostingOptions> hosting, ILogger<ConnectionsPerAddress> logger)
{
    private readonly ConcurrentDictionary<string, int> _open = new();
    // The server is made before the settings are checked, so they are not read here.
    private readonly Lazy<HashSet<IPAddress>> _proxies = new(() => [.. hosting.Value.ForwardedHeaders.KnownProxies.Select(IPAddress.Parse)]);
    private readonly Lazy<List<IPNetwork>> _networks =
        new(() => [.. hosting.Value.ForwardedHeaders.KnownNetworks.Select(network => IPNetwork.Parse(network))]);

    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if ((connection.RemoteEndPoint as IPEndPoint)?.Address is not { } address || ConnectsForOthers(address))
        {
            await next(connection);
            return;
        }

        var network = VisitorNetwork.Of(address);
        var most = limits.Value.ConnectionsPerAddress;
        try
        {
            var open = _open.AddOrUpdate(network, 1, (_, count) => count + 1);
            if (open == most + 1)
                LogTooMany(network, most);
            if (open <= most)
                await next(connection);
            else
                connection.Abort();
        }
        finally
        {
            if (_open.AddOrUpdate(network, 0, (_, count) => count - 1) <= 0)
                _open.TryRemove(new(network, 0));
        }
    }

    private bool ConnectsForOthers(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return IPAddress.IsLoopback(address) || _proxies.Value.Contains(address) || _networks.Value.Any(network => network.Contains(address));
    }

    [LoggerMessage(LogLevel.Warning, "{Network} has more than {Most} connections (Limits:ConnectionsPerAddress); further ones are closed")]
    private partial void LogTooMany(string network, int most);
}
