using System.Text.RegularExpressions;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Hosting;

public sealed partial class SettingsTableTests
{
    [Fact]
    public void Readme_ListsEverySettingAndNoOther()
    {
        var known = Settings.Sections.SelectMany(known => Keys(known.Type, known.Section)).ToList();
        var rows = File.ReadLines(Repository.At("README.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var listed = rows.SelectMany(row => Key().Matches(row.Split('|')[1])).Select(match => match.Groups[1].Value).ToList();
        Assert.True(known.Count > 30, "The options were not found.");
        Assert.Equal(("", ""), (string.Join(' ', known.Except(listed)), string.Join(' ', listed.Except(known))));
    }

    /// <summary>What is bound in another way would be read by .NET's rules, and its mistakes would end in a stack trace.</summary>
    [Fact]
    public void Options_Anywhere_AreBoundInOnePlace() => Assert.Equal(
        ["BlazorTranscode/Data/Settings.cs"],
        Repository.Sources().Where(file => file.StartsWith("BlazorTranscode/", StringComparison.Ordinal)
            && File.ReadAllText(Repository.At(file)) is var source
            && (source.Contains("BindConfiguration(", StringComparison.Ordinal) || source.Contains("ValidateDataAnnotations(", StringComparison.Ordinal))));

    private static IEnumerable<string> Keys(Type type, string section) =>
        from property in Settings.Of(type)
        let key = Settings.KeyOf(section, property)
        from setting in Settings.IsGroup(property.PropertyType) ? Keys(property.PropertyType, key) : [key]
        select setting;

    [GeneratedRegex("`([A-Za-z0-9:]+)`")]
    private static partial Regex Key();
}
