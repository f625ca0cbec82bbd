using BlazorTranscode.Data;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>The whole app on a real port with a data folder of its own. Settings and services can be replaced per test.</summary>
internal sealed class TestApp : WebApplicationFactory<Program>
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string?> _settings;
    private readonly Action<IServiceCollection>? _services;

    private TestApp(Dictionary<string, string?> settings, Action<IServiceCollection>? services) => (_settings, _services) = (settings, services);

    /// <summary>Where the app listens, as <c>http://localhost:port/</c>.</summary>
    public Uri Address => ClientOptions.BaseAddress;

    public string DataFolder => _folder.Path;

    public static TestApp Start(Dictionary<string, string?>? settings = null, Action<IServiceCollection>? services = null)
    {
        var app = new TestApp(settings ?? [], services);
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
        foreach (var (key, value) in _settings)
            builder.UseSetting(key, value);
        builder.ConfigureServices(services => _services?.Invoke(services));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
