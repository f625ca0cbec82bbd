using System.Net;
using System.Net.Sockets;
using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>A start that fails for a reason its operator can mend ends in sentences, not in a stack trace.</summary>
internal static class StartFailure
{
    /// <summary>Checks every setting at once, before anything is opened or created.</summary>
    /// <exception cref="StartRefusedException">Some are wrong, or an address cannot be listened on.</exception>
    public static void ValidateSettings(this WebApplication app)
    {
        IReadOnlyList<string> wrong = [.. app.Services.GetRequiredService<UnreadableSettings>().Sentences, .. BrokenRules(app.Services)];
        if (wrong.Count > 0)
            throw new StartRefusedException(List(wrong));
        StartAnnouncement.NameVersion(app.Logger);
        foreach (var address in (app.Configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            CheckFree(address);
    }

    private static IEnumerable<string> BrokenRules(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException one)
        {
            return one.Failures;
        }
        catch (AggregateException several) when (several.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            return several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures);
        }
    }

    /// <summary>Kestrel would find out too, but only when every service has started, and with pages of stack traces.</summary>
    private static void CheckFree(string address)
    {
        try
        {
            var binding = BindingAddress.Parse(address);
            if (binding.IsUnixPipe || binding.Port == 0)
                return;
            var card = IPAddress.TryParse(binding.Host, out var ip) ? ip : binding.Host == "localhost" ? IPAddress.Loopback : IPAddress.Any;
            using var probe = new TcpListener(card, binding.Port);
            probe.Start();
        }
        catch (Exception failure) when (failure is SocketException or FormatException)
        {
            throw new StartRefusedException($"The app cannot listen on {address} ({failure.Message}). ASPNETCORE_URLS chooses another address.", failure);
        }
    }

    /// <summary>What to tell the operator, or null if the failure is ours.</summary>
    public static string? Explain(Exception failure) => failure switch
    {
        OptionsValidationException settings => List(settings.Failures),
        StartRefusedException refused => refused.Message,
        // A file of settings that is no JSON, an argument such as -x=1, and a level of logging that does not exist.
        InvalidDataException file => List([$"{file.Message} {file.InnerException?.Message}".Trim()]),
        FormatException { Source: "Microsoft.Extensions.Configuration.CommandLine" } argument => List([argument.Message]),
        InvalidOperationException { Source: "Microsoft.Extensions.Logging.Configuration" } level => List([level.Message]),
        _ => null,
    };

    private static string List(IEnumerable<string> failures) =>
        string.Join(Environment.NewLine, ["These settings are wrong:", .. failures.Distinct().Select(failure => $"- {failure}")]);
}
