using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;

namespace BlazorTranscode.Uploads;

internal static class UploadsRegistration
{
    /// <summary>The way in: resumable uploads and what cleans up after them.</summary>
    public static void AddUploads(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<UploadOptions>();
        builder.Services.AddSingleton<UploadLocks>();
        builder.Services.AddSingleton(new BytesOfPeople((db, _) => db.AudioFiles
            .Select(file => new OwnedBytes { OwnerId = file.OwnerId, Bytes = file.Length })));
        builder.Services.AddSingleton(new BytesOfPeople((db, now) => db.Uploads.Where(upload => upload.CompletedAt == null && upload.ExpiresAt > now)
            .Select(upload => new OwnedBytes { OwnerId = upload.OwnerId, Bytes = upload.Length })));
        builder.Services.AddSingleton<UploadRoom>();
        builder.Services.AddHostedService(services => services.GetRequiredService<UploadRoom>());
        builder.Services.AddSingleton<UploadIntake>();
        builder.Services.AddSingleton(KeysOfRows.Named);
        builder.Services.AddSingleton<RestoredDatabase>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RestoredDatabase>());
        builder.Services.AddSingleton<UploadSweep>();
        builder.Services.AddHostedService(services => services.GetRequiredService<UploadSweep>());
    }

    public static void MapUploads(this WebApplication app) => app.MapTus();
}
