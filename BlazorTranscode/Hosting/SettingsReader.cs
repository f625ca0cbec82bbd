using System.Globalization;
using System.Reflection;
using BlazorTranscode.Data;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace BlazorTranscode.Hosting;

/// <summary>What cannot be read in the settings, one sentence each.</summary>
internal sealed record UnreadableSettings(IReadOnlyList<string> Sentences);

/// <summary>
/// Reads every setting of ours before anything else does: lays what .NET understands over what people write, and lists what cannot be
/// read. That has its default from then on, so that everything else can be checked too before the start is refused.
/// </summary>
internal sealed class SettingsReader
{
    private readonly ConfigurationManager _configuration;
    private readonly Dictionary<string, string?> _canonical = [];
    private readonly List<string> _wrong = [];

    private SettingsReader(ConfigurationManager configuration) => _configuration = configuration;

    public static UnreadableSettings Apply(ConfigurationManager configuration)
    {
        var reader = new SettingsReader(configuration);
        foreach (var (section, type) in Settings.Sections)
        {
            if (section.Length > 0)
                reader.ReadGroup(configuration.GetSection(section), type);
            else
                reader.ReadRoot(type);
        }
        reader._wrong.AddRange(SettingsSpelling.Unknown(configuration));
        configuration.AddInMemoryCollection(reader._canonical);
        return new([.. reader._wrong.Distinct()]);
    }

    // At the root stands everybody's environment, so only what we know is looked at.
    private void ReadRoot(Type type)
    {
        var defaults = Activator.CreateInstance(type)!;
        foreach (var property in Settings.Of(type))
        {
            if (_configuration.GetSection(property.Name) is var section && section.Exists())
                Read(section, property, defaults);
        }
    }

    private void ReadGroup(IConfigurationSection group, Type type)
    {
        // A variable of the environment that is called like a section is somebody else's.
        if (!string.IsNullOrEmpty(group.Value) && !IsFromEnvironment(group.Path))
            _wrong.Add($"{group.Path} is a group of settings, such as {Settings.KeyOf(group.Path, Settings.Of(type).First())}, and has no value itself.");
        var defaults = Activator.CreateInstance(type)!;
        foreach (var child in group.GetChildren())
        {
            if (Settings.Of(type).FirstOrDefault(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is { } property)
                Read(child, property, defaults);
            else
                _wrong.Add(SettingsSpelling.NoSetting(child.Path, Settings.Of(type).Select(known => Settings.KeyOf(group.Path, known))));
        }
    }

    private void Read(IConfigurationSection setting, PropertyInfo property, object defaults)
    {
        if (Settings.IsGroup(property.PropertyType))
            ReadGroup(setting, property.PropertyType);
        else if (typeof(IEnumerable<string>).IsAssignableFrom(property.PropertyType))
            ReadList(setting);
        else if (setting.GetChildren().FirstOrDefault() is { } below)
            _wrong.Add($"{below.Path} is no setting: {setting.Path} has one value.");
        else
            ReadValue(setting, property, property.GetValue(defaults));
    }

    private void ReadList(IConfigurationSection list)
    {
        if (!string.IsNullOrEmpty(list.Value))
            _wrong.Add($"{list.Path} is a list: its first value is written as {list.Path}:0.");
        foreach (var below in list.GetChildren().SelectMany(item => item.GetChildren()))
            _wrong.Add($"{below.Path} is no setting: {list.Path} is a list of texts.");
    }

    private void ReadValue(IConfigurationSection setting, PropertyInfo property, object? standard)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var (value, wanted) = type == typeof(string) ? (setting.Value ?? standard ?? "", "") : Parse(setting.Value?.Trim() ?? "", type, Settings.IsSize(property));
        if (value is null)
            _wrong.Add($"{setting.Path} is {wanted}, but {(string.IsNullOrWhiteSpace(setting.Value) ? "nothing" : $"'{setting.Value}'")} was given.");
        _canonical[setting.Path] = Convert.ToString(value ?? standard, CultureInfo.InvariantCulture);
    }

    /// <summary>The value, or null and what it should have been.</summary>
    private static (object? Value, string Wanted) Parse(string text, Type type, bool isSize)
    {
        if (isSize)
            return (Notation.TryReadSize(text, out var bytes) ? bytes : null, "a size such as 512 MiB or 500 MB");
        if (type == typeof(TimeSpan))
            return (Notation.TryReadTime(text, out var time) ? time : null, "a time with its unit such as 10 s, 2 min or 1 day (or 00:00:10)");
        if (type == typeof(bool))
            return (bool.TryParse(text, out var flag) ? flag : null, "true or false");
        if (type.IsEnum)
        {
            var names = Enum.GetNames(type);
            return (names.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)), $"{string.Join(", ", names[..^1])} or {names[^1]}");
        }
        if (type == typeof(double))
            return (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null, "a number such as 2.5");
        if (type == typeof(int))
            return (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) ? count : null, "a whole number");
        if (type == typeof(long))
            return (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large) ? large : null, "a whole number");
        throw new NotSupportedException($"Settings of the type {type.Name} are not read yet.");
    }

    private bool IsFromEnvironment(string key) =>
        ((IConfigurationRoot)_configuration).Providers.LastOrDefault(provider => provider.TryGet(key, out _)) is EnvironmentVariablesConfigurationProvider;
}
