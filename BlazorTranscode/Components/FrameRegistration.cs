using MudBlazor.Services;

namespace BlazorTranscode.Components;

internal static class FrameRegistration
{
    /// <summary>Blazor, MudBlazor and the layout that every page stands in.</summary>
    public static void AddFrame(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddMudServices();
    }

    public static void MapFrame(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    }
}
