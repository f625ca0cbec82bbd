using BlazorTranscode.Data;

namespace BlazorTranscode.Hosting;

/// <summary>For whom a request counts.</summary>
/// <param name="Key">A person's id or a network.</param>
/// <param name="Share">How many visitors' budgets there are: more than one if a proxy stands for all of them.</param>
internal readonly record struct Visitor(string Key, int Share);

/// <summary>
/// Tells visitors apart: people by their id, others by their network. Behind a proxy that nobody told us to believe all visitors have
/// one address; so that they do not shut each other out, a proxy in a private network has the budget of many, and the log says what to set.
/// </summary>
internal sealed partial class Visitors(ILogger<Visitors> logger)
{
    /// <summary>Budgets of a proxy that is not known.</summary>
    public const int Behind = 20;

    private int _warned;

    public Visitor PersonOf(HttpContext context) => context.User.UserId is { } userId ? new($"person {userId}", 1) : NetworkOf(context);

    public Visitor NetworkOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        var network = VisitorNetwork.Of(address);
        // Of a proxy that we believe the framework leaves X-Original-For.
        if (!context.Request.Headers.ContainsKey("X-Forwarded-For") || context.Request.Headers.ContainsKey("X-Original-For"))
            return new(network, 1);
        if (Interlocked.Exchange(ref _warned, 1) == 0)
            LogUnknownProxy(network);
        return VisitorNetwork.IsPrivate(address) ? new($"behind {network}", Behind) : new(network, 1);
    }

    [LoggerMessage(LogLevel.Warning,
        "{Network} passes on requests of others (X-Forwarded-For), but is not in ForwardedHeaders:KnownProxies: all who come through it share the limits of one visitor. Add it if it is your proxy")]
    private partial void LogUnknownProxy(string network);
}
