namespace BlazorTranscode.Library;

internal static class LibraryRegistration
{
    public static void AddLibrary(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LibraryStore>();
        builder.Services.AddSingleton<FileRemoval>();
        builder.Services.AddSingleton<RenditionLengths>();
        builder.Services.AddSingleton<MediaSender>();
    }

    public static void MapLibrary(this WebApplication app) => app.MapMedia();
}
