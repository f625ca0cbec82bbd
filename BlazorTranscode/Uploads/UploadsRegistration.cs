namespace BlazorTranscode.Uploads;

internal static class UploadsRegistration
{
    public static void AddUploads(this WebApplicationBuilder builder)
    {
    }

    public static void MapUploads(this WebApplication app)
    {
    }
}
