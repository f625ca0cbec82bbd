using System.Net;
using System.Net.Sockets;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Data.Sqlite;

namespace BlazorTranscode.Tests.Hosting;

/// <summary>A start that cannot succeed ends at once, with a sentence for the operator and without a stack trace.</summary>
public sealed class StartTests : IDisposable
{
    private readonly TempFolder _data = new();

    [Fact]
    public async Task Settings_ThatAreWrong_AreAllNamedAtOnce()
    {
        var errors = await RefuseAsync("--PublicOrigin=audio.example.org/path", "--Storage:ReserveBytes=-1", "--ForwardedHeaders:KnownProxies:0=proxy", "--Transcoding:MaxJobs=-1");
        Assert.Equal(5, errors.Count);
        Assert.Equal("These settings are wrong:", errors[0]);
        Assert.Contains(errors, line => line.Contains("PublicOrigin must be scheme and host only", StringComparison.Ordinal));
        Assert.Contains(errors, line => line.Contains("ReserveBytes", StringComparison.Ordinal));
        Assert.Contains(errors, line => line.Contains("ForwardedHeaders:KnownProxies", StringComparison.Ordinal));
        Assert.Contains(errors, line => line.Contains("MaxJobs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Settings_ThatCannotBeRead_StandInTheSameList_EachOnce()
    {
        var errors = await RefuseAsync(
            "--Uploads:MaxBytes=five", "--Uploads:KeepUnfinished=40 days", "--Transcoding:RetryDelay=10", "--Transcoding:Engine=Foo", "--Storage:Provider=Azure",
            "--Sns:SignedCalls=yes", "--Sns:TopicArns:0=junk", "--Sqs:QueueUrl=nowhere", "--Aws:Region=eu-central-1", "--Storage:ReserveBytes=-1",
            "--Uploads:MaxByte=5", "--Uplods:MaxBytes=5", "--nonsense=1", "reset-pasword");
        Assert.Equal(
            [
                "- 'reset-pasword' is neither a command nor a setting such as --Uploads:MaxBytes=500MB.",
                "- --Uplods:MaxBytes is no setting of this app; perhaps --Uploads:MaxBytes is meant.",
                "- --nonsense is no setting of this app.",
                "- Sns:SignedCalls is true or false, but 'yes' was given.",
                "- Sns:TopicArns: 'junk' is not the ARN of a topic.",
                "- Sqs:QueueUrl: “nowhere” is not the address of a queue, such as https://sqs.eu-central-1.amazonaws.com/123456789012/NAME.",
                "- Storage:Provider is Local or S3, but 'Azure' was given.",
                "- Storage:ReserveBytes is a size such as 512 MiB or 500 MB, but '-1' was given.",
                "- Transcoding:Engine is Ffmpeg, MediaConvert or ElasticTranscoder, but 'Foo' was given.",
                "- Transcoding:RetryDelay is a time with its unit such as 10 s, 2 min or 1 day (or 00:00:10), but '10' was given.",
                "- Uploads:KeepUnfinished must be 1 min to 30 days, but is 40 days.",
                "- Uploads:MaxByte is no setting of this app; perhaps Uploads:MaxBytes is meant.",
                "- Uploads:MaxBytes is a size such as 512 MiB or 500 MB, but 'five' was given.",
                "These settings are wrong:",
            ],
            errors.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("-x=1", "The short switch '-x=1' is not defined")]
    [InlineData("--Logging:LogLevel:Default=Loud", "Loud")]
    public async Task Settings_OfTheFramework_ThatAreWrong_AreNamedToo(string argument, string said)
    {
        var errors = await RefuseAsync(argument);
        Assert.Equal("These settings are wrong:", errors[0]);
        Assert.Contains(said, errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataFolder_OfARunningApp_IsNotTakenFromIt()
    {
        await using var running = TestApp.Start();
        var errors = await RefuseAsync($"--Data:Folder={running.DataFolder}");
        Assert.Contains("Another BlazorTranscode runs on the data folder", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataFolder_ThatCannotBeWritten_IsNamed()
    {
        await File.WriteAllTextAsync(_data.File("file"), "", TestContext.Current.CancellationToken);
        var errors = await RefuseAsync($"--Data:Folder={_data.File("file/below")}");
        Assert.Contains("cannot be written", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Contains(_data.File("file/below"), errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_ThatCannotBeOpened_IsNotCalledDamaged()
    {
        Directory.CreateDirectory(_data.File("app.db"));
        Assert.Contains("The database cannot be opened or written", Assert.Single(await RefuseAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_ThatIsNone_IsCalledDamaged()
    {
        await File.WriteAllTextAsync(_data.File("app.db"), new string('x', 8192), TestContext.Current.CancellationToken);
        Assert.Contains("The database file is damaged", Assert.Single(await RefuseAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_WithADamagedPage_IsCalledDamaged()
    {
        await MakeDatabaseAsync();
        await using (var file = File.Open(_data.File("app.db"), FileMode.Open))
        {
            // Past the schema, so that only a check of all pages sees it.
            file.Seek(-4096, SeekOrigin.End);
            file.Write(Enumerable.Repeat((byte)0xEE, 4096).ToArray());
        }
        Assert.Contains("The database file is damaged", Assert.Single(await RefuseAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_ThatIsTaken_IsNamed()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        var errors = await RefuseAsync($"--urls={address}");
        Assert.Contains($"cannot listen on {address} (Address already in use)", Assert.Single(errors), StringComparison.Ordinal);
    }

    public void Dispose() => _data.Dispose();

    private async Task MakeDatabaseAsync()
    {
        await using (var app = TestApp.Start(folder: _data))
            await app.CreateUserAsync("somebody");
        SqliteConnection.ClearAllPools();
    }

    private async Task<IReadOnlyList<string>> RefuseAsync(params string[] args)
    {
        var (exitCode, output, errors) = await FailedStart.RunAsync([$"--Data:Folder={_data.Path}", .. args]);
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
        return errors.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
