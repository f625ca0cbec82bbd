using BlazorTranscode.Accounts;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using IPAddress = System.Net.IPAddress;
using IPNetwork = System.Net.IPNetwork;

namespace BlazorTranscode.Hosting;

internal static class HostingRegistration
{
    /// <summary>Settings, clock and limits that hold for the whole process.</summary>
    public static void AddHosting(this WebApplicationBuilder builder)
    {
        AddSettingsFile(builder.Configuration);
        var services = builder.Services;
        services.AddSingleton(SettingsReader.Apply(builder.Configuration));
        services.AddSingleton(TimeProvider.System);
        services.AddSettings<HostingOptions>();
        services.Configure<KestrelServerOptions>(Limits.Apply);
        services.AddSingleton<ConnectionsPerAddress>();
        services.AddOptions<KestrelServerOptions>().Configure<ConnectionsPerAddress>((server, connections) =>
            server.ConfigureEndpointDefaults(listen => listen.Use(next => connection => connections.OnConnectionAsync(connection, next))));
        services.AddBudgets();
        services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = Limits.Shutdown;
            // Our loops catch what a round throws. A loop that ends all the same is a bug that nobody would see; a restart loses nothing.
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost;
        });
        // The framework's filter would stop health probes too; HostFilter takes its place.
        services.Configure<HostFilteringOptions>(filter => filter.AllowedHosts = ["*"]);
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<HostingOptions>>(BelieveKnownProxies);
        // In development the framework throws instead of answering 400, and our error page would say 500.
        services.PostConfigure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = problem =>
        {
            if (problem.Exception is { } failure && DatabaseBusyException.IsCauseOf(failure))
                problem.ProblemDetails.Detail = DatabaseBusyException.Sentence;
        });
        services.AddExceptionHandler<Outage>();
        builder.Logging.AddConsoleFormatter<LogLines, ConsoleFormatterOptions>();
        services.AddHealth();
        services.AddSingleton<StopGrace>();
        services.AddHostedService<StartAnnouncement>();
    }

    /// <summary>The middleware, in the order in which a request passes it.</summary>
    public static void UseHosting(this WebApplication app)
    {
        app.UseMiddleware<StopGrace>();
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<FramingCheck>();
        app.UseErrorAnswers();
        app.UseForwardedHeaders();
        app.UsePublicScheme();
        app.UseMiddleware<HostFilter>();
        app.UseMiddleware<WrongAddress>();
        app.UseMiddleware<OriginCheck>();
        app.UseNotFoundPage();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseMiddleware<CircuitDoor>();
        app.UseMiddleware<SessionRequests>();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    /// <summary>
    /// Who asks for the outside address came by its scheme, even through a proxy that nobody told us to believe. Without this every form on
    /// such a server would fail: antiforgery refuses a Secure cookie on what it takes for plain http.
    /// </summary>
    private static void UsePublicScheme(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<HostingOptions>>().Value;
        if (!options.IsHttps)
            return;
        var host = new Uri(options.PublicOrigin!).Host;
        app.Use((context, next) =>
        {
            if (string.Equals(context.Request.Host.Host, host, StringComparison.OrdinalIgnoreCase))
                context.Request.Scheme = Uri.UriSchemeHttps;
            return next(context);
        });
    }

    public static void MapHosting(this WebApplication app) => app.MapHealth();

    /// <summary>
    /// The settings that came with the program, before every other source. The content root, where the framework looks, is another folder
    /// under <c>dotnet run</c>, and there the file would be missed without a word.
    /// </summary>
    private static void AddSettingsFile(ConfigurationManager configuration)
    {
        var file = new JsonConfigurationSource { Path = Path.Combine(AppContext.BaseDirectory, "appsettings.json"), Optional = false };
        file.ResolveFileProvider();
        configuration.Sources.Insert(0, file);
    }

    private static void BelieveKnownProxies(ForwardedHeadersOptions forwarded, IOptions<HostingOptions> hosting)
    {
        var proxies = hosting.Value.ForwardedHeaders;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        if (proxies.KnownProxies.Length + proxies.KnownNetworks.Length == 0)
            return;
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        // As many hops as there are known proxies in a row.
        forwarded.ForwardLimit = null;
        foreach (var proxy in proxies.KnownProxies)
            forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
        foreach (var network in proxies.KnownNetworks)
            forwarded.KnownIPNetworks.Add(IPNetwork.Parse(network));
    }
}
