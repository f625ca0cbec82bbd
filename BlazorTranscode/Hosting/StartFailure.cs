using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>A start that fails for a reason its operator can mend ends in sentences, not in a stack trace.</summary>
internal static partial class StartFailure
{
    /// <summary>Checks every setting at once, before anything is opened or created.</summary>
    /// <exception cref="OptionsValidationException">One section is wrong.</exception>
    /// <exception cref="AggregateException">Several are.</exception>
    /// <exception cref="StartRefusedException">An address cannot be listened on.</exception>
    public static void ValidateSettings(this WebApplication app)
    {
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        foreach (var address in (app.Configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            CheckFree(address);
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
        AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            List(several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(settings => settings.Failures)),
        StartRefusedException refused => refused.Message,
        _ => null,
    };

    private static string List(IEnumerable<string> failures) =>
        string.Join(Environment.NewLine, ["These settings are wrong:", .. failures.Select(failure => $"- {Annotation.Replace(failure, "$1: $2")}")]);

    /// <summary>How the framework words a failed annotation around what the annotation says.</summary>
    [GeneratedRegex(@"^DataAnnotation validation failed for '(\w+?)(?:Options)?' members: '.*' with the error: '(.*)'\.$")]
    private static partial Regex Annotation { get; }
}
