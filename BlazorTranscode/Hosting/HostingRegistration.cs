namespace BlazorTranscode.Hosting;

internal static class HostingRegistration
{
    /// <summary>Settings, clock and limits that hold for the whole process.</summary>
    public static void AddHosting(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(TimeProvider.System);
    }

    /// <summary>The middleware, in the order in which a request passes it.</summary>
    public static void UseHosting(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    public static void MapHosting(this WebApplication app)
    {
    }
}
