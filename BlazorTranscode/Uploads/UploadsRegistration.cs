using BlazorTranscode.Data;

namespace BlazorTranscode.Uploads;

internal static class UploadsRegistration
{
    /// <summary>The way in: resumable uploads and what cleans up after them.</summary>
    public static void AddUploads(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<UploadOptions>();
        builder.Services.AddSingleton<UploadLocks>();
        builder.Services.AddSingleton<UploadIntake>();
        builder.Services.AddSingleton<UploadSweep>();
        builder.Services.AddHostedService(services => services.GetRequiredService<UploadSweep>());
    }

    public static void MapUploads(this WebApplication app) => app.MapTus();
}
