using BlazorTranscode.Data;
using BlazorTranscode.Hosting;
using BlazorTranscode.Storage;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Uploads;
using Microsoft.Extensions.Configuration;

namespace BlazorTranscode.Tests.Hosting;

public sealed class SettingsReaderTests : IDisposable
{
    private readonly ConfigurationManager _configuration = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _configuration.Dispose();
        _folder.Dispose();
    }

    /// <summary>Also those that are added later: nothing but the name and the type of a property decides.</summary>
    [Fact]
    public void Sizes_AndTimes_OfEverySection_AreTakenInPeoplesNotation()
    {
        var keys = Settings.Sections.SelectMany(known => Settings.Of(known.Type).Select(property => (known.Type, Property: property, Key: Settings.KeyOf(known.Section, property)))).ToList();
        var sizes = keys.Where(key => Settings.IsSize(key.Property)).ToList();
        var times = keys.Where(key => key.Property.PropertyType == typeof(TimeSpan)).ToList();
        Assert.True(sizes.Count >= 4 && times.Count >= 4);
        _configuration.AddInMemoryCollection(sizes.ToDictionary(size => size.Key, string? (_) => "3 GiB").Concat(times.ToDictionary(time => time.Key, string? (_) => "90 min")));

        Assert.Empty(SettingsReader.Apply(_configuration).Sentences);

        foreach (var (type, property, key) in sizes)
            Assert.Equal((key, 3L << 30), (key, property.GetValue(_configuration.GetSection(Settings.SectionOf(type)).Get(type))));
        foreach (var (type, property, key) in times)
            Assert.Equal((key, TimeSpan.FromMinutes(90)), (key, property.GetValue(_configuration.GetSection(Settings.SectionOf(type)).Get(type))));
    }

    [Fact]
    public void Settings_FromAFileTheEnvironmentAndArguments_AreReadAlike_TheLastWins()
    {
        AddFile("""{ "Uploads": { "MaxBytes": "1 GiB", "KeepUnfinished": "2 days" }, "Storage": { "S3": { "ForcePathStyle": true } } }""");
        AddEnvironment("UPLOADS__KEEPUNFINISHED", "3 days");
        AddEnvironment("Storage__Provider", "s3");
        _configuration.AddCommandLine(["--Uploads:MaxBytes", "5 MB", "Transcoding:MaxJobs=3"]);

        Assert.Empty(SettingsReader.Apply(_configuration).Sentences);

        var uploads = _configuration.GetSection("Uploads").Get<UploadOptions>()!;
        Assert.Equal((5_000_000, TimeSpan.FromDays(3)), (uploads.MaxBytes, uploads.KeepUnfinished));
        Assert.Equal(StorageProvider.S3, _configuration.GetValue<StorageProvider>("Storage:Provider"));
        Assert.True(_configuration.GetSection("Storage").Get<StorageOptions>()!.S3.ForcePathStyle);
        Assert.Equal(3, _configuration.GetSection("Transcoding").Get<TranscodingOptions>()!.MaxJobs);
    }

    /// <summary>Code that reads before the settings are checked must not meet what cannot be read.</summary>
    [Fact]
    public void Setting_ThatCannotBeRead_HasItsDefaultUntilTheStartIsRefused()
    {
        _configuration.AddInMemoryCollection([new("Transcoding:Engine", "Foo"), new("Transcoding:RetryDelay", "10"), new("Transcoding:MaxJobs", "")]);
        Assert.Equal(3, SettingsReader.Apply(_configuration).Sentences.Count);
        var options = _configuration.GetSection("Transcoding").Get<TranscodingOptions>()!;
        Assert.Equal((TranscodingEngine.Ffmpeg, TimeSpan.FromSeconds(10), 0), (options.Engine, options.RetryDelay, options.MaxJobs));
    }

    [Theory]
    [InlineData("""{ "Uplaods": { "MaxBytes": 1 } }""", "Uplaods is no setting of this app; perhaps Uploads is meant.")]
    [InlineData("""{ "PublicOrigins": "https://a.example" }""", "PublicOrigins is no setting of this app; perhaps PublicOrigin is meant.")]
    [InlineData("""{ "Uploads": 5 }""", "Uploads is a group of settings, such as Uploads:MaxBytes, and has no value itself.")]
    [InlineData("""{ "Uploads": { "MaxBytes": null } }""", "Uploads:MaxBytes is a size such as 512 MiB or 500 MB, but nothing was given.")]
    [InlineData("""{ "Uploads": { "MaxBytes": [1] } }""", "Uploads:MaxBytes:0 is no setting: Uploads:MaxBytes has one value.")]
    [InlineData("""{ "Sns": { "TopicArns": "arn" } }""", "Sns:TopicArns is a list: its first value is written as Sns:TopicArns:0.")]
    [InlineData("""{ "Sns": { "TopicArns": [{ "Arn": "x" }] } }""", "Sns:TopicArns:0:Arn is no setting: Sns:TopicArns is a list of texts.")]
    [InlineData("""{ "Storage": { "S3": { "SecretKye": "swordfish" } } }""", "Storage:S3:SecretKye is no setting of this app; perhaps Storage:S3:SecretKey is meant.")]
    [InlineData("""{ "Accounts": { "PublicOrigin": "https://a.example" } }""", "Accounts:PublicOrigin is no setting of this app.")]
    [InlineData("""{ "Ffmpeg": { "TimeFactor": "NaN" } }""", "Ffmpeg:TimeFactor is a number such as 2.5, but 'NaN' was given.")]
    [InlineData("""{ "ForwardedHeaders": { "KnownProxis": ["127.0.0.1"] } }""", "ForwardedHeaders:KnownProxis is no setting of this app; perhaps ForwardedHeaders:KnownProxies is meant.")]
    public void File_WithAMistake_IsNamedWithTheKey(string json, string sentence)
    {
        AddFile(json);
        Assert.Equal([sentence], SettingsReader.Apply(_configuration).Sentences);
    }

    [Theory]
    [InlineData("Uplods__MaxBytes", "5", "Uplods is no setting of this app; perhaps Uploads is meant.")]
    [InlineData("Uploads__MaxByte", "5", "Uploads:MaxByte is no setting of this app; perhaps Uploads:MaxBytes is meant.")]
    [InlineData("DATA", "/somewhere", null)]
    [InlineData("STORAGE", "disk", null)]
    [InlineData("AWS_REGION", "eu-central-1", null)]
    [InlineData("Upload__Target", "elsewhere", null)]
    [InlineData("SNES__MaxBytes", "5", null)]
    [InlineData("Kestrel__Limits__MaxConcurrentConnections", "5", null)]
    public void Environment_IsJudgedOnlyWhereItIsOurs(string name, string value, string? sentence)
    {
        AddEnvironment(name, value);
        Assert.Equal(sentence is null ? [] : [sentence], SettingsReader.Apply(_configuration).Sentences);
    }

    [Theory]
    [InlineData("--nonsense is no setting of this app.", "--nonsense")]
    [InlineData("--help is no setting of this app.", "--help")]
    [InlineData("--Upload:MaxBytes is no setting of this app; perhaps --Uploads:MaxBytes is meant.", "--Upload:MaxBytes", "5")]
    [InlineData("--Uploads:MaxBytes has no value: write --Uploads:MaxBytes=VALUE.", "--Uploads:MaxBytes")]
    [InlineData("'restor' is neither a command nor a setting such as --Uploads:MaxBytes=500MB.", "restor")]
    [InlineData(null, "--urls", "http://localhost:1", "--environment=Production", "--Logging:LogLevel:Default=Debug", "/Uploads:MaxBytes=5", "PublicOrigin=http://a.example")]
    public void Argument_ThatNoSettingHas_IsNamed(string? sentence, params string[] arguments)
    {
        _configuration.AddCommandLine(arguments);
        Assert.Equal(sentence is null ? [] : [sentence], SettingsReader.Apply(_configuration).Sentences);
    }

    private void AddFile(string json)
    {
        File.WriteAllText(_folder.File("settings.json"), json);
        _configuration.AddJsonFile(_folder.File("settings.json"));
    }

    // With a prefix of its own, so that no other test meets it.
    private void AddEnvironment(string name, string value)
    {
        Environment.SetEnvironmentVariable($"{_folder.Path}_{name}", value);
        _configuration.AddEnvironmentVariables($"{_folder.Path}_");
    }
}
