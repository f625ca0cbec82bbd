using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>Says where the app can be opened, once it can, and warns where others on the way can read along.</summary>
internal sealed partial class StartAnnouncement(
    IServer server, IHostApplicationLifetime lifetime, IOptions<HostingOptions> options, ILogger<StartAnnouncement> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Announce);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What runs here, in the first line of the log.</summary>
    public static void NameVersion(ILogger logger) => LogVersion(
        logger, typeof(StartAnnouncement).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);

    private void Announce()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(BindingAddress.Parse).ToList() ?? [];
        foreach (var address in addresses)
            // Passkeys refuse an IP address, so the name is what people should open.
            LogListening(logger, $"{address.Scheme}://{(IsThisMachine(address) || IsEveryCard(address) ? "localhost" : address.Host)}:{address.Port}");
        if (!options.Value.IsHttps && addresses.Any(address => address.Scheme == Uri.UriSchemeHttp && !IsThisMachine(address)))
            LogPlainHttp(logger);
    }

    private static bool IsThisMachine(BindingAddress address) =>
        address.IsUnixPipe || address.Host == "localhost" || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    private static bool IsEveryCard(BindingAddress address) => address.Host is "*" or "+" or "0.0.0.0" or "[::]";

    [LoggerMessage(LogLevel.Information, "BlazorTranscode {Version}")]
    private static partial void LogVersion(ILogger logger, string version);

    [LoggerMessage(LogLevel.Information, "BlazorTranscode listens on {Address}")]
    private static partial void LogListening(ILogger logger, string address);

    [LoggerMessage(LogLevel.Warning,
        "Other machines reach this app by plain http, so passwords and sign-ins can be read on the way. Put a proxy with TLS in front of it and set PublicOrigin to its https address")]
    private static partial void LogPlainHttp(ILogger logger);
}
