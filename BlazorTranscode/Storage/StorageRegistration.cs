namespace BlazorTranscode.Storage;

internal static class StorageRegistration
{
    public static void AddStorage(this WebApplicationBuilder builder)
    {
    }
}
