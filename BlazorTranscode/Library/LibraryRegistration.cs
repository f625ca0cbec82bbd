namespace BlazorTranscode.Library;

internal static class LibraryRegistration
{
    public static void AddLibrary(this WebApplicationBuilder builder)
    {
    }

    public static void MapLibrary(this WebApplication app)
    {
    }
}
