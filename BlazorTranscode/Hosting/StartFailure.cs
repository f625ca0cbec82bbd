using System.Text.RegularExpressions;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>A start that fails for a reason its operator can mend ends in sentences, not in a stack trace.</summary>
internal static partial class StartFailure
{
    /// <summary>Checks every setting at once, before anything is opened or created.</summary>
    /// <exception cref="OptionsValidationException">One section is wrong.</exception>
    /// <exception cref="AggregateException">Several are.</exception>
    public static void ValidateSettings(this WebApplication app) => app.Services.GetRequiredService<IStartupValidator>().Validate();

    /// <summary>What to tell the operator, or null if the failure is ours.</summary>
    public static string? Explain(Exception failure) => failure switch
    {
        OptionsValidationException settings => List(settings.Failures),
        AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            List(several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(settings => settings.Failures)),
        StartRefusedException refused => refused.Message,
        IOException { InnerException: AddressInUseException } taken => $"{taken.Message} ASPNETCORE_URLS chooses another.",
        _ => null,
    };

    private static string List(IEnumerable<string> failures) =>
        string.Join(Environment.NewLine, ["These settings are wrong:", .. failures.Select(failure => $"- {Annotation.Replace(failure, "$1: $2")}")]);

    /// <summary>How the framework words a failed annotation around what the annotation says.</summary>
    [GeneratedRegex(@"^DataAnnotation validation failed for '(\w+?)(?:Options)?' members: '.*' with the error: '(.*)'\.$")]
    private static partial Regex Annotation { get; }
}
