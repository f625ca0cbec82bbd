using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Tests.Hosting;

public sealed class StartAnnouncementTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5080", "http://localhost:5080", false)]
    [InlineData("http://[::1]:5080", "http://localhost:5080", false)]
    [InlineData("http://localhost:5080", "http://localhost:5080", false)]
    [InlineData("http://[::]:8080", "http://localhost:8080", true)]
    [InlineData("http://+:8080", "http://localhost:8080", true)]
    [InlineData("http://192.168.1.5:80", "http://192.168.1.5:80", true)]
    [InlineData("https://0.0.0.0:443", "https://localhost:443", false)]
    public async Task Start_OnAnAddress_NamesItForPeopleAndWarnsWhereOthersMayReadAlong(string address, string named, bool warned)
    {
        var lines = await AnnounceAsync(address, null);
        Assert.Contains(lines, line => line.Text.Contains($"BlazorTranscode listens on {named} ", StringComparison.Ordinal));
        Assert.Equal(warned, lines.Any(line => line.Level == LogLevel.Warning));
    }

    [Fact]
    public async Task Start_BehindAProxyWithTls_DoesNotWarn() =>
        Assert.DoesNotContain(await AnnounceAsync("http://+:8080", "https://audio.example.org"), line => line.Level == LogLevel.Warning);

    [Fact]
    public async Task Settings_OfTheProgram_ComeFirstAndEveryOtherSourceWins()
    {
        await using var app = TestApp.Start(new() { ["Logging:LogLevel:Quartz"] = "None" });
        var settings = app.Get<IConfiguration>();
        Assert.Equal("Warning", settings["Logging:LogLevel:Microsoft.AspNetCore"]);
        Assert.Equal("None", settings["Logging:LogLevel:Quartz"]);
    }

    private static async Task<IReadOnlyCollection<(LogLevel Level, string Text)>> AnnounceAsync(string address, string? publicOrigin)
    {
        using var logs = new LogCollector();
        using var loggers = new LoggerFactory([logs]);
        using var host = new HostBuilder().ConfigureServices(services => services.AddSingleton<IServer>(new SilentServer(address))
            .AddSingleton(Options.Create(new HostingOptions { PublicOrigin = publicOrigin })).AddSingleton<ILoggerFactory>(loggers)
            .AddHostedService<StartAnnouncement>()).Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);
        return [.. logs.Lines.Where(line => line.Text.Contains(nameof(StartAnnouncement), StringComparison.Ordinal))];
    }
}
