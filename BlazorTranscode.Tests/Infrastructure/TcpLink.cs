using System.Net;
using System.Net.Sockets;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>A cable between browsers and the app: it can be long, be cut, mended, and plugged into another app, while the address stays.</summary>
internal sealed class TcpLink : IAsyncDisposable
{
    private readonly TimeSpan _delay;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _accepting;
    private CancellationTokenSource _cut = new();
    private volatile Uri? _target;

    /// <param name="target">The app.</param>
    /// <param name="delay">How long bytes are on their way, each way.</param>
    public TcpLink(Uri target, TimeSpan delay = default)
    {
        (_target, _delay) = (target, delay);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Breaks every connection and refuses new ones until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _target = null;
        Interlocked.Exchange(ref _cut, new()).Cancel();
    }

    public void Mend(Uri target) => _target = target;

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _closed.CancelAsync();
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_closed.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task CarryAsync(TcpClient near)
    {
        using var _ = near;
        if (_target is not { } target)
            return;
        var cut = _cut.Token;
        try
        {
            using var far = new TcpClient();
            await far.ConnectAsync(target.Host, target.Port, cut);
            var (nearStream, farStream) = (near.GetStream(), far.GetStream());
            await Task.WhenAny(CopyAsync(nearStream, farStream, cut), CopyAsync(farStream, nearStream, cut));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken cut)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cut) is > 0 and var read)
        {
            await Task.Delay(_delay, cut);
            await to.WriteAsync(buffer.AsMemory(0, read), cut);
        }
    }
}
