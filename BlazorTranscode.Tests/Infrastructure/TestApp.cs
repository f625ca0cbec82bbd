using BlazorTranscode.Data;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>The whole app on a real port with a data folder of its own. Settings and services can be replaced per test.</summary>
internal sealed class TestApp : WebApplicationFactory<Program>
{
    private readonly TempFolder _folder;
    private readonly bool _ownsFolder;
    private readonly Dictionary<string, string?> _settings;
    private readonly Action<IServiceCollection>? _services;

    private TestApp(Dictionary<string, string?> settings, Action<IServiceCollection>? services, TempFolder? folder) =>
        (_settings, _services, _folder, _ownsFolder) = (settings, services, folder ?? new(), folder is null);

    /// <summary>Where the app listens, as <c>http://localhost:port/</c>.</summary>
    public Uri Address => ClientOptions.BaseAddress;

    public string DataFolder => _folder.Path;

    /// <param name="folder">A data folder that outlives this app, for tests that start it again; otherwise it gets one of its own.</param>
    public static TestApp Start(
        Dictionary<string, string?>? settings = null, Action<IServiceCollection>? services = null, TempFolder? folder = null)
    {
        var app = new TestApp(settings ?? [], services, folder);
        if (app._ownsFolder)
            TestDatabase.WriteTo(app._folder.File("app.db"));
        app.UseKestrel(0);
        app.StartServer();
        app.ClientOptions.BaseAddress = new UriBuilder(app.ClientOptions.BaseAddress) { Host = "localhost" }.Uri;
        return app;
    }

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    public Task<AppDbContext> OpenDatabaseAsync() =>
        Get<IDbContextFactory<AppDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Data:Folder", _folder.Path);
        // Tests make more people in a minute, all from one address, than any network; what is asked of the limits sets them back.
        builder.UseSetting("Limits:SignInsPerMinute", "100000");
        builder.UseSetting("Limits:RegistrationsPerHour", "3600");
        builder.UseSetting("Logging:Console:LogLevel:Default", "Critical");
        foreach (var (key, value) in _settings)
            builder.UseSetting(key, value);
        builder.ConfigureServices(services =>
        {
            // Hundreds of people sign in during a run, and none of their passwords is worth a fifth of a second.
            services.PostConfigure<PasswordHasherOptions>(options => options.IterationCount = 1);
            _services?.Invoke(services);
        });
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Eventually.TrueAsync(IsReleased);
        if (_ownsFolder)
            _folder.Dispose();
    }

    /// <summary>The app's own end and that of its host are two disposals, of which the later returns at once: https://github.com/dotnet/aspnetcore/issues/40271</summary>
    private bool IsReleased()
    {
        try
        {
            using var taken = new FileStream(_folder.File("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
