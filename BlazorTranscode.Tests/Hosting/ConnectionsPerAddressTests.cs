using System.Net;
using BlazorTranscode.Accounts;
using BlazorTranscode.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Hosting;

public sealed class ConnectionsPerAddressTests
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly ConnectionsPerAddress _connections = new(
        Options.Create(new LimitsOptions { ConnectionsPerAddress = 2 }),
        Options.Create(new HostingOptions { ForwardedHeaders = new() { KnownProxies = ["10.0.0.1"], KnownNetworks = ["10.1.0.0/16"] } }),
        NullLogger<ConnectionsPerAddress>.Instance);

    [Theory]
    [InlineData("203.0.113.1", "203.0.113.1", false)]
    [InlineData("203.0.113.1", "::ffff:203.0.113.1", false)]
    [InlineData("203.0.113.1", "203.0.113.2", true)]
    [InlineData("2001:db8::1", "2001:db8::2:3", false)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.1.2.3", "10.1.2.3", true)]
    [InlineData("10.2.2.3", "10.2.2.3", false)]
    public async Task Connection_BeyondTheShareOfItsAddress_IsClosed(string address, string further, bool served)
    {
        var open = new[] { Connect(address), Connect(address) };
        var third = Connect(further);
        Assert.All(open, connection => Assert.False(connection.IsCompleted));
        Assert.Equal(served, !third.IsCompleted);

        _end.SetResult();
        await Task.WhenAll([.. open, third]);
        // Whoever has gone takes no place any more.
        var (next, another) = (Connect(address), Connect(address));
        Assert.True(next.IsCompletedSuccessfully && another.IsCompletedSuccessfully);
    }

    private Task Connect(string address) => _connections.OnConnectionAsync(
        new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1) }, _ => _end.Task);
}
