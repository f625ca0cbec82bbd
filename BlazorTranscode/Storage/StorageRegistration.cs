using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Storage;

internal static class StorageRegistration
{
    /// <summary>
    /// Where the bytes of sources and renditions lie. Registered before everything that works with them, so that it is known whose they are.
    /// </summary>
    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<StorageOptions>();
        builder.Services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsCheck>();
        builder.Services.AddSingleton<DiskRoom>();
        builder.Services.AddSingleton<PersonalRoom>();
        builder.Services.AddSingleton<StorageHealth>();
        if (builder.Configuration.GetValue<StorageProvider>("Storage:Provider") is StorageProvider.S3)
            builder.Services.AddSingleton<IMediaStore, S3MediaStore>();
        else
            builder.Services.AddSingleton<IMediaStore, LocalMediaStore>();
        builder.Services.AddSingleton<StoreOwnership>();
        builder.Services.AddSingleton<Deletions>();
        builder.Services.AddHostedService<StoreUpkeep>();
        builder.Services.AddSingleton<StorageHealth>();
        builder.Services.AddHostedService<StorageWatch>();
    }
}
