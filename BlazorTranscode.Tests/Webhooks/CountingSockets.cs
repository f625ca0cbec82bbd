using System.Net.Sockets;
using BlazorTranscode.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>Counts the connections that the webhook opens, and can forbid them.</summary>
internal sealed class CountingSockets
{
    private int _opened;

    public int Opened => _opened;

    public bool Forbidden { get; set; }

    public void Install(IServiceCollection services) => services.AddHttpClient(SigningCertificates.Client)
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.Zero, // each request opens one, so that each counts
            ConnectCallback = async (context, cancellationToken) =>
            {
                Interlocked.Increment(ref _opened);
                if (Forbidden)
                    throw new HttpRequestException($"No connection to {context.DnsEndPoint} is allowed.");
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
}
