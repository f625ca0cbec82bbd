using System.Net;
using BlazorTranscode.Audio;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Library;

/// <summary>Where the store has an address of its own, the app only says where the bytes are; signing a link asks nobody.</summary>
public sealed class MediaLinkTests
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Storage:Provider"] = "S3", ["Storage:S3:Bucket"] = "media", ["Storage:S3:ServiceUrl"] = "http://store.invalid:9000", ["Storage:S3:ForcePathStyle"] = "true",
        ["Storage:S3:AccessKey"] = "key", ["Storage:S3:SecretKey"] = "secret",
    };

    [Theory]
    [InlineData("mp3", "attachment", "audio/mpeg", "Prelude.mp3")]
    [InlineData("mp3/play", "inline", "audio/mpeg", "Prelude.mp3")]
    [InlineData("source", "attachment", "application/octet-stream", "Prelude.ogg")]
    public async Task Media_IsRedirectedToAFreshLink_ForItsOwnerOnly(string route, string disposition, string type, string name)
    {
        await using var app = TestApp.Start(Settings);
        var (anna, ben) = (await app.CreateUserAsync("anna"), await app.CreateUserAsync("ben"));
        var file = await app.AddFileAsync(anna, "Prelude.ogg", bytes: false, formats: [Preset.Mp3]);

        var answer = await anna.Client.GetAsync(new Uri($"files/{file.Id}/{route}", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal("no-store, private", string.Join(", ", answer.Headers.GetValues("Cache-Control")));
        var link = answer.Headers.Location!;
        var asked = System.Web.HttpUtility.ParseQueryString(link.Query);
        Assert.Equal("store.invalid", link.Host);
        Assert.Equal(type, asked["response-content-type"]);
        Assert.StartsWith(disposition, asked["response-content-disposition"], StringComparison.Ordinal);
        Assert.Contains(name, asked["response-content-disposition"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await ben.Client.GetAsync(new Uri($"files/{file.Id}/{route}", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }
}
