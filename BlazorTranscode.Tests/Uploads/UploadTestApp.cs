using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>An app to upload to, and a look behind its endpoint, at the disk.</summary>
internal static class UploadTestApp
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>An app whose engine gives up at once, so that only what is uploaded is in the store.</summary>
    public static TestApp Start(
        Dictionary<string, string?>? settings = null, TempFolder? folder = null, Action<IServiceCollection>? more = null) => TestApp.Start(
        settings,
        services =>
        {
            services.AddSingleton<ITranscoder>(s => new ScriptedTranscoder(s.GetRequiredService<IMediaStore>())
            {
                Work = (order, _, _) => Task.FromResult(ScriptedTranscoder.Fail(order, retryable: false)),
            });
            more?.Invoke(services);
        },
        folder);

    /// <summary>The same person after the app was started again, on another port.</summary>
    public static async Task<TestUser> SignInAgainAsync(this TestApp app, TestUser user)
    {
        var (client, cookies) = app.CreateBrowserlessClient();
        var answer = await client.PostFormAsync("account/login", new() { ["Input.Email"] = user.Email, ["Input.Password"] = user.Password });
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        return user with { Client = client, Cookies = cookies };
    }

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
