using BlazorTranscode.Webhooks;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>
/// Answers only under names that are ours, so that a foreign name pointed at this machine reads nothing and no link is built from a
/// forged <c>Host</c>. The health endpoints stand outside: probes come by IP address.
/// </summary>
internal sealed class HostFilter(
    RequestDelegate next, IOptions<HostingOptions> options, IServer server, IOptions<SnsOptions> sns, RefusedDeliveries refused)
{
    // Known only when the server listens, so not before the first request.
    private readonly Lazy<string[]> _allowed = new(() => [.. Allowed(options.Value, server), .. HostOf(sns.Value.SubscribeUrl)]);

    public Task InvokeAsync(HttpContext context)
    {
        if (Health.IsHealth(context.Request) || _allowed.Value.Any(name => Matches(name, context.Request.Host.Host)))
            return next(context);
        if (IsWebhook(context.Request) && sns.Value.TopicArns.Count > 0)
            return PutOffAsync(context);
        return WrongAddress.AnswerAsync(context, options.Value);
    }

    public static bool IsWebhook(HttpRequest request) => request.Path.StartsWithSegments(SnsEndpoint.Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>SNS would give up for good on 4xx, and that a name is missing in our settings does not make a delivery a forged one.</summary>
    private Task PutOffAsync(HttpContext context)
    {
        refused.Add(Refusal.UnknownHost, context.Connection.RemoteIpAddress?.ToString());
        return SnsEndpoint.AnswerAsync(context.Response, Refusal.UnknownHost);
    }

    private static bool Matches(string allowed, string host) =>
        allowed == "*"
        || string.Equals(allowed, host, StringComparison.OrdinalIgnoreCase)
        || (allowed.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase));

    private static string[] HostOf(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? [uri.Host] : [];

    private static IEnumerable<string> Allowed(HostingOptions options, IServer server)
    {
        string[] always = ["localhost", "127.0.0.1", "[::1]"];
        var configured = options.AllowedHosts.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var listening = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(address => BindingAddress.Parse(address).Host);
        // Listening on "*" is about network cards, not about names.
        return [.. always, .. configured, .. HostOf(options.PublicOrigin), .. listening.Where(host => host != "*")];
    }
}
