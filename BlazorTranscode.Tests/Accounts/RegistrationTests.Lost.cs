using System.Net;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Accounts;

public sealed partial class RegistrationTests
{
    /// <summary>The database was lost, and who comes first must not become the administrator of what others have stored.</summary>
    [Fact]
    public async Task Register_BesideAStoreThatIsNotEmpty_NeedsTheToken_AndTheLogSaysWhy()
    {
        using var data = new TempFolder();
        var log = new LogCollector();
        var source = Directory.CreateDirectory(data.File("media/objects/sources"));
        await File.WriteAllTextAsync(Path.Combine(source.FullName, $"{Guid.NewGuid():N}"), "audio", Cancel);
        await using var app = TestApp.Start(new() { ["Accounts:Registration"] = "Open" }, log.Install, data);
        await Eventually.TrueAsync(() => log.Lines.Any(line => line.Text.Contains("the media store is not empty", StringComparison.Ordinal)));
        await Eventually.TrueAsync(() => log.Lines.Any(line => line.Text.Contains("give this setup token", StringComparison.Ordinal)));
        var (client, _) = app.CreateBrowserlessClient();

        var none = await RegisterAsync(client, "eve@example.org", Good);
        var right = await RegisterAsync(client, "ann@example.org", Good, setupToken: await File.ReadAllTextAsync(data.File("setup-token"), Cancel));

        Assert.Contains("This is not the setup token", await none.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Found, right.StatusCode);
        Assert.Equal(["ann@example.org"], await AdministratorsAsync(app));
    }
}
