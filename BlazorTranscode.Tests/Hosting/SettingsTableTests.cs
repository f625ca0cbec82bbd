using System.Text.RegularExpressions;
using BlazorTranscode.Hosting;
using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Hosting;

public sealed partial class SettingsTableTests
{
    [Fact]
    public void Readme_ListsEverySettingAndNoOther()
    {
        var types = typeof(HostingOptions).Assembly.GetTypes().Where(IsOptions).ToDictionary(type => type.Name);
        var bound = Repository.Sources().SelectMany(file => Binding().Matches(File.ReadAllText(Repository.At(file))))
            .Select(match => (Type: types[match.Groups[1].Value], Section: match.Groups[2].Value)).Distinct().ToList();
        var known = bound.SelectMany(b => Settings(b.Type, b.Section)).ToList();
        // Accounts has a copy of a root setting.
        known.Remove("Accounts:PublicOrigin");
        var rows = File.ReadLines(Repository.At("README.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var listed = rows.SelectMany(row => Key().Matches(row.Split('|')[1])).Select(match => match.Groups[1].Value).ToList();
        Assert.True(known.Count > 30, "The options were not found.");
        Assert.Equal(("", ""), (string.Join(' ', known.Except(listed)), string.Join(' ', listed.Except(known))));
    }

    private static bool IsOptions(Type type) => type is { IsClass: true, IsAbstract: false } && type.Name.EndsWith("Options", StringComparison.Ordinal);

    private static IEnumerable<string> Settings(Type type, string section) =>
        from property in type.GetProperties()
        where property.CanWrite
        let key = section.Length == 0 ? property.Name : $"{section}:{property.Name}"
        from setting in IsOptions(property.PropertyType) ? Settings(property.PropertyType, key) : [key]
        select setting;

    [GeneratedRegex(@"AddOptions<(\w+)>\(\)\s*\.BindConfiguration\(""(\w*)""\)")]
    private static partial Regex Binding();

    [GeneratedRegex("`([A-Za-z0-9:]+)`")]
    private static partial Regex Key();
}
