using System.Net;
using System.Net.Sockets;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>A cable between browsers and the app: it can be cut, mended, and plugged into another app, while the address stays.</summary>
internal sealed class TcpLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _accepting;
    private CancellationTokenSource _cut = new();
    private volatile Uri? _target;

    public TcpLink(Uri target)
    {
        _target = target;
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
            await Task.WhenAny(nearStream.CopyToAsync(farStream, cut), farStream.CopyToAsync(nearStream, cut));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
        }
    }
}
