using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using MudBlazor.Services;

namespace BlazorTranscode.Components;

internal static class FrameRegistration
{
    /// <summary>Blazor, MudBlazor and the layout that every page stands in.</summary>
    public static void AddFrame(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents()
            .AddInteractiveServerComponents(Bound)
            .AddHubOptions(hub => hub.MaximumReceiveMessageSize = 32 * 1024);
        builder.Services.AddSingleton<OpenCircuits>().AddScoped<CircuitHandler, CircuitTally>();
        builder.Services.AddMudServices();
    }

    public static void MapFrame(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode =>
        {
            mode.ContentSecurityFrameAncestorsPolicy = "'none'";
            // Compressed, an alert's length would tell how much of a stranger's text is in it.
            mode.DisableWebSocketCompression = true;
        });
    }

    /// <summary>What one visitor may keep on the server.</summary>
    private static void Bound(CircuitOptions circuit)
    {
        circuit.DisconnectedCircuitMaxRetained = 200;
        circuit.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(2);
        circuit.PersistedCircuitInMemoryMaxRetained = 200;
        circuit.PersistedCircuitInMemoryRetentionPeriod = TimeSpan.FromMinutes(30);
        circuit.MaxBufferedUnacknowledgedRenderBatches = 10;
        circuit.JSInteropDefaultCallTimeout = TimeSpan.FromSeconds(10);
        // In spite of its name it also counts what a page of ours starts: two roots on most pages, an island each on the account pages.
        circuit.RootComponents.MaxJSRootComponents = 20;
    }
}
