using System.Net;
using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Uploads;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Hosting;

public sealed class DiskFullTests
{
    private const string Password = "three quiet herons wade";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Disk_ThatIsFull_RefusesWhatIsNewInAPage_KeepsWhatWasThere_AndRecovers()
    {
        using var disk = await SmallDisk.StartAsync();
        Assert.Equal(HttpStatusCode.Found, await RegisterAsync(NewClient(disk), "before"));
        Assert.Equal(HttpStatusCode.OK, await disk.HealthAsync(Health.ReadyPath));

        var filler = Path.Combine(disk.Path, "filler");
        SmallDisk.Fill(_ => File.AppendAllBytes(filler, new byte[4096]));
        Assert.Equal(HttpStatusCode.InternalServerError, await RegisterAsync(NewClient(disk), "meanwhile"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await disk.HealthAsync(Health.ReadyPath));
        Assert.Equal(HttpStatusCode.OK, await disk.HealthAsync(Health.LivePath));

        File.Delete(filler);
        Assert.Equal(HttpStatusCode.OK, await disk.HealthAsync(Health.ReadyPath));
        Assert.Equal(HttpStatusCode.Found, await RegisterAsync(NewClient(disk), "meanwhile"));
        Assert.Equal(HttpStatusCode.Found, await SendAsync(NewClient(disk), "account/login", new() { ["Input.Email"] = "before@example.org", ["Input.Password"] = Password }));
        Assert.False(disk.HasExited);
    }

    /// <summary>F14: the key in use ends tomorrow, so each start wants to write the next one.</summary>
    [Fact]
    public async Task Keys_OnAFullDisk_AreNotRenewed_AndTheAppServes()
    {
        using var old = new TempFolder();
        await using (var services = new ServiceCollection().AddDataProtection().PersistKeysToFileSystem(new(old.Path)).Services.BuildServiceProvider())
            services.GetRequiredService<IKeyManager>().CreateNewKey(DateTimeOffset.UtcNow.AddDays(-89), DateTimeOffset.UtcNow.AddDays(1));

        using var disk = await SmallDisk.StartAsync("keys", size: 4096, $"cp '{old.Path}'/key-*.xml .");

        Assert.Equal(HttpStatusCode.Found, await RegisterAsync(NewClient(disk), "somebody"));
        Assert.Single(Directory.GetFiles(disk.Path));
    }

    /// <summary>F15: there is room for bytes, but for no more files.</summary>
    [Fact]
    public async Task Disk_WithTooManyFiles_RefusesUploadsInWords_LeavesNothing_AndRecovers()
    {
        using var disk = await SmallDisk.StartAsync(prepare: "mount -t tmpfs -o size=16m,nr_inodes=200 tmpfs $PWD");
        var client = NewClient(disk);
        Assert.Equal(HttpStatusCode.Found, await RegisterAsync(client, "somebody"));
        var tus = new TusClient(new("", "", "", client, new()));
        var begun = await tus.CreateAsync(1000);
        var fillers = Directory.CreateDirectory(Path.Combine(disk.Path, "fillers")).FullName;
        SmallDisk.Fill(i => File.Create(Path.Combine(fillers, $"{i}")).Dispose());

        await tus.PostAsync(1000, TusClient.Metadata("song.mp3")).AssertRefusedAsync(
            HttpStatusCode.InsufficientStorage, "The server has no room left for files. What has arrived is kept; try again when room has been made.");
        Assert.Single(Directory.GetFiles(disk.Path, "*.part", SearchOption.AllDirectories));

        await tus.PatchAsync(begun, 0, new byte[1000]).AssertRefusedAsync(HttpStatusCode.InsufficientStorage);

        // Room for the folder that the object lies in, but not for that of its job.
        File.Delete(Path.Combine(fillers, "0"));
        Assert.Equal(1000, await tus.OffsetAsync(begun));
        Assert.DoesNotContain("could not be converted", await MessagesAsync(), StringComparison.Ordinal);

        // The job has waited for it, and says what is wrong with the file itself.
        Directory.Delete(fillers, recursive: true);
        await tus.CreateAsync(1000);
        await Eventually.TrueAsync(async () => (await MessagesAsync()).Contains("could not be converted. It is not audio", StringComparison.Ordinal));

        Task<string> MessagesAsync() => client.GetStringAsync(new Uri("messages", UriKind.Relative), Stop);
    }

    private static Task<HttpStatusCode> RegisterAsync(HttpClient client, string name) => SendAsync(
        client, "account/register", new() { ["Input.Email"] = $"{name}@example.org", ["Input.Password"] = Password, ["Input.Repeat"] = Password });

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, string page, Dictionary<string, string> fields)
    {
        using var answer = await client.PostFormAsync(page, fields);
        return answer.StatusCode;
    }

    /// <summary>Somebody without cookies.</summary>
    private static HttpClient NewClient(SmallDisk disk)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = disk.Address };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        return client;
    }
}
