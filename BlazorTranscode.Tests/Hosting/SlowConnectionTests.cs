using System.Net.Sockets;
using System.Text;
using BlazorTranscode.Hosting;

namespace BlazorTranscode.Tests.Hosting;

public sealed class SlowConnectionTests(SharedApp shared) : IClassFixture<SharedApp>
{
    /// <summary>Connections that say nothing or never end their headers: others are served meanwhile, and the server ends every one of them.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nX")]
    public async Task Connections_ThatHang_StopNobodyElse_AndAreEnded(string beginning)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        var cancellationToken = patience.Token;
        var hanging = Enumerable.Range(0, 500).Select(_ => new TcpClient()).ToList();
        try
        {
            foreach (var client in hanging)
            {
                await client.ConnectAsync("localhost", shared.App.Address.Port, cancellationToken);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(beginning), cancellationToken);
            }
            Assert.Equal(200, RawHttp.Status(await RawHttp.SendAsync(shared.App.Address, RawHttp.Get(shared.App.Address, Health.LivePath))));
            var buffer = new byte[16];
            foreach (var client in hanging)
            {
                while (await client.GetStream().ReadAsync(buffer, cancellationToken) > 0)
                {
                }
            }
        }
        finally
        {
            hanging.ForEach(client => client.Dispose());
        }
    }
}
