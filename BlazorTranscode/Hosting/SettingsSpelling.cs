using System.Collections;
using BlazorTranscode.Data;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace BlazorTranscode.Hosting;

/// <summary>
/// Finds names that are none: an argument that no setting has, and a section that is written almost like one of ours. Variables of the
/// environment belong to other programs too, so one is named only when what stands below the almost right section is ours.
/// </summary>
internal static class SettingsSpelling
{
    private static readonly string[] OfTheFramework =
    [
        "Logging", "Kestrel", "ConnectionStrings", "urls", "http_ports", "https_ports", "https_port", "environment", "contentRoot", "webRoot",
        "applicationName", "captureStartupErrors", "detailedErrors", "hostingStartupAssemblies", "hostingStartupExcludeAssemblies",
        "preferHostingUrls", "preventHostingStartup", "shutdownTimeoutSeconds", "startupAssembly", "staticWebAssets", "suppressStatusMessages",
        "hostBuilder", "forwardedHeaders_enabled",
    ];

    private static readonly Type Root = Settings.Sections.Single(known => known.Section.Length == 0).Type;

    private static readonly string[] Ours =
        [.. Settings.Sections.Select(known => known.Section).Where(section => section.Length > 0), .. Settings.Of(Root).Select(property => property.Name)];

    public static IEnumerable<string> Unknown(IConfigurationManager configuration) =>
    [
        .. OfArguments(configuration.Sources.OfType<CommandLineConfigurationSource>().LastOrDefault()?.Args.ToList() ?? []),
        .. ((IConfigurationRoot)configuration).Providers.SelectMany(OfProvider),
    ];

    /// <summary>The sentence about a key that is no setting, with the nearest one that is.</summary>
    public static string NoSetting(string key, IEnumerable<string> known)
    {
        var nearest = known.Where(name => IsNear(name, key)).MinBy(name => Distance(name, key));
        return $"{key} is no setting of this app{(nearest is null ? "" : $"; perhaps {nearest} is meant")}.";
    }

    private static IEnumerable<string> OfArguments(List<string> arguments)
    {
        for (var at = 0; at < arguments.Count; at++)
        {
            var argument = arguments[at];
            var name = argument.TrimStart('-', '/');
            if (name.Length == argument.Length && !name.Contains('=', StringComparison.Ordinal))
            {
                yield return $"'{argument}' is neither a command nor a setting such as --Uploads:MaxBytes=500MB.";
                continue;
            }
            var key = name.Split('=')[0];
            if (!IsKnown(key.Split(':')[0]))
                yield return NoSetting("--" + key, Ours.Select(section => "--" + section + key[key.Split(':')[0].Length..]));
            else if (key.Length == name.Length && (at + 1 == arguments.Count || arguments[at + 1].StartsWith("--", StringComparison.Ordinal)))
                yield return $"{argument} has no value: write {argument}=VALUE.";
            if (key.Length == name.Length && at + 1 < arguments.Count && !arguments[at + 1].StartsWith("--", StringComparison.Ordinal))
                at++;
        }
    }

    private static bool IsKnown(string name) =>
        Ours.Concat(OfTheFramework).Contains(name, StringComparer.OrdinalIgnoreCase)
        // A host that starts the app with arguments hands on what it has read from such variables.
        || Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => (string)variable.Key).Any(variable =>
            variable.Equals("ASPNETCORE_" + name, StringComparison.OrdinalIgnoreCase) || variable.Equals("DOTNET_" + name, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> OfProvider(IConfigurationProvider provider)
    {
        foreach (var name in provider.GetChildKeys([], null).Distinct(StringComparer.OrdinalIgnoreCase).Where(name => !IsKnown(name)))
        {
            if (Ours.Where(ours => IsNear(ours, name)).MinBy(ours => Distance(ours, name)) is not { } meant)
                continue;
            var below = provider.GetChildKeys([], name).ToList();
            if (provider is JsonConfigurationProvider || (provider is EnvironmentVariablesConfigurationProvider && below.Exists(key => HasSetting(meant, key))))
                yield return NoSetting(name, [meant]);
        }
    }

    private static bool HasSetting(string section, string key) =>
        Settings.Sections.FirstOrDefault(known => known.Section == section).Type is { } type
        && Settings.Of(type).Any(property => property.Name.Equals(key, StringComparison.OrdinalIgnoreCase));

    private static bool IsNear(string known, string written) => Distance(known, written) <= (known.Length < 5 ? 1 : 2);

    /// <summary>How many letters must be changed, added or left out (Levenshtein), whatever their case.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var isSame = char.ToUpperInvariant(one[i - 1]) == char.ToUpperInvariant(other[j - 1]);
                (corner, row[j]) = (row[j], isSame ? corner : 1 + Math.Min(corner, Math.Min(row[j], row[j - 1])));
            }
        }
        return row[^1];
    }
}
