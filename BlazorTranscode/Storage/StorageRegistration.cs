using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Storage;

internal static class StorageRegistration
{
    /// <summary>Where the bytes of sources and renditions lie.</summary>
    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<StorageOptions>();
        builder.Services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsCheck>();
        if (builder.Configuration.GetValue<StorageProvider>("Storage:Provider") is StorageProvider.S3)
            builder.Services.AddSingleton<IMediaStore, S3MediaStore>();
        else
            builder.Services.AddSingleton<IMediaStore, LocalMediaStore>();
    }
}
