namespace BlazorTranscode.Storage;

internal static class StorageRegistration
{
    /// <summary>Where the bytes of sources and renditions lie.</summary>
    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<StorageOptions>().BindConfiguration("Storage").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IMediaStore, LocalMediaStore>();
    }
}
