using System.Text.RegularExpressions;
using BlazorTranscode.Accounts;
using BlazorTranscode.Aws;
using BlazorTranscode.Data;
using BlazorTranscode.Hosting;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Transcoding.ElasticTranscoder;
using BlazorTranscode.Transcoding.Ffmpeg;
using BlazorTranscode.Transcoding.MediaConvert;
using BlazorTranscode.Uploads;
using BlazorTranscode.Webhooks;

namespace BlazorTranscode.Tests;

public sealed partial class ReadmeTests
{
    private static readonly Dictionary<string, Type> Sections = new()
    {
        [""] = typeof(HostingOptions), ["Data"] = typeof(DataOptions), ["Accounts"] = typeof(AccountsOptions), ["Uploads"] = typeof(UploadOptions),
        ["Storage"] = typeof(StorageOptions), ["Transcoding"] = typeof(TranscodingOptions), ["Ffmpeg"] = typeof(FfmpegOptions),
        ["Sns"] = typeof(SnsOptions), ["Aws"] = typeof(AwsOptions), ["MediaConvert"] = typeof(MediaConvertOptions),
        ["ElasticTranscoder"] = typeof(ElasticTranscoderOptions),
    };

    [Fact]
    public void SettingsTable_NamesEverySettingAndNoOther()
    {
        var table = File.ReadLines(Path.Combine(Repository.Root, "README.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var named = table.SelectMany(line => Setting().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value));

        Assert.Equal(Sections.SelectMany(section => SettingsOf(section.Key, section.Value)).Order(), named.Order());
    }

    [Fact]
    public void EveryOptionsClass_IsInTheTable()
    {
        var all = typeof(Program).Assembly.GetTypes().Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && !type.IsNested);

        var known = Sections.Values.Concat(Sections.Values.SelectMany(outer => outer.GetProperties().Select(p => p.PropertyType)));
        Assert.Equal([], all.Except(known));
    }

    private static IEnumerable<string> SettingsOf(string section, Type type) =>
        from property in type.GetProperties()
        where property.SetMethod is { IsPublic: true }
        let name = section.Length > 0 ? $"{section}:{property.Name}" : property.Name
        // Accounts reads the one of Hosting.
        where name != "Accounts:PublicOrigin"
        from setting in property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal) ? SettingsOf(name, property.PropertyType) : [name]
        select setting;

    [GeneratedRegex("`([A-Za-z0-9:]+)`")]
    private static partial Regex Setting();
}
