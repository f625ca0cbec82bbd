using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>A look behind the endpoint, at the disk.</summary>
internal static class UploadTestApp
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The files that are still arriving, or were left behind.</summary>
    public static string[] Parts(this TestApp app) => Directory.GetFiles(app.DataFolder, "*.part", SearchOption.AllDirectories);

    public static async Task<byte[]> ReadSourceAsync(this TestApp app, AudioFile file)
    {
        await using var stream = await app.Get<IMediaStore>().OpenAsync(file.StorageKey, Stop);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Stop);
        return copy.ToArray();
    }
}
