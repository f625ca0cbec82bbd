using System.Runtime.Versioning;
using BlazorTranscode.Data;
using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using BlazorTranscode.Tests.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace BlazorTranscode.Tests.Data;

[SupportedOSPlatform("linux")]
public sealed class DataFolderTests : IDisposable
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TempFolder _parent = new();

    private DataOptions Options => new() { Folder = _parent.File("data") };

    [Fact]
    public void Open_OnAFolderThatOthersMayRead_NarrowsItAndItsOwn()
    {
        Directory.CreateDirectory(Options.Root, OnlyOwner | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        using var folder = Open();
        Assert.All([Options.Root, Options.Keys, Options.Media, Options.Work], path => Assert.Equal(OnlyOwner, File.GetUnixFileMode(path)));
    }

    [Fact]
    public void Open_AfterAKill_DeletesTheFoldersOfJobsAndNothingElse()
    {
        var job = Path.Combine(Options.Work, $"{Guid.NewGuid():N}-1");
        using (Open())
        {
            Directory.CreateDirectory(Path.Combine(job, "out"));
            Directory.CreateSymbolicLink(Path.Combine(job, "out", "link"), Options.Media);
            File.WriteAllText(Path.Combine(job, "half.mp3"), "");
            Directory.CreateDirectory(Path.Combine(Options.Work, "thesis"));
            File.WriteAllText(Path.Combine(Options.Work, "thesis", "chapter1.tex"), "");
            File.WriteAllText(Path.Combine(Options.Media, "whole.mp3"), "");
        }
        using var again = Open();
        Assert.False(Directory.Exists(job));
        Assert.True(File.Exists(Path.Combine(Options.Work, "thesis", "chapter1.tex")));
        Assert.True(File.Exists(Path.Combine(Options.Media, "whole.mp3")));
    }

    /// <summary>Without the right of root to do so all the same.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("out")]
    [InlineData("out/deeper")]
    public async Task Start_AfterAJobThatShutItsFolder_DeletesIt(string shut)
    {
        using var app = AppProcess.Create();
        app.Under = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search", "--"];
        var job = Directory.CreateDirectory(Path.Combine(app.DataFolder, "work", $"{Guid.NewGuid():N}-1")).FullName;
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(job, "out/deeper")).FullName, "file"), "", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(Path.Combine(job, shut), UnixFileMode.None);
        await app.StartAgainAsync();
        Assert.False(Directory.Exists(job));
    }

    /// <summary>A disk error, or a folder of another user.</summary>
    [Fact]
    public async Task Start_BesideScratchSpaceThatCannotBeDeleted_SaysSoAndServes()
    {
        using var app = AppProcess.Create();
        var job = Directory.CreateDirectory(Path.Combine(app.DataFolder, "work", $"{Guid.NewGuid():N}-1")).FullName;
        app.Under = ["bwrap", "--dev-bind", "/", "/", "--bind", job, job, "--"];
        await app.StartAgainAsync();
        Assert.Contains($"{job} was left by a job and cannot be deleted", app.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_LeavesAllInTheOneFile(bool afterAJob)
    {
        using var app = await AppProcess.StartAsync();
        if (afterAJob)
        {
            var anna = await app.RegisterAsync("anna");
            await new TusClient(anna).UploadAsync(await File.ReadAllBytesAsync(Sounds.Recording, TestContext.Current.CancellationToken));
            await using var db = app.CreateDbContext();
            await Eventually.TrueAsync(() => db.Messages.AnyAsync());
        }

        Assert.Equal(0, await app.StopAsync());
        Assert.True(new FileInfo(Path.Combine(app.DataFolder, "app.db-wal")) is { Exists: false } or { Length: 0 });
    }

    [Fact]
    public void Open_WhileAnotherHasIt_IsRefused_AndItsScratchSpaceIsLeftAlone()
    {
        using (Open())
        {
            File.WriteAllText(Path.Combine(Options.Work, "running"), "");
            Assert.Contains("Another BlazorTranscode", Assert.Throws<StartRefusedException>(Open).Message, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(Options.Work, "running")));
        }
        Open().Dispose();
    }

    [Theory]
    [InlineData("PRAGMA journal_mode", "wal")]
    [InlineData("PRAGMA synchronous", "2")]
    [InlineData("PRAGMA foreign_keys", "1")]
    [InlineData("PRAGMA busy_timeout", "2000")]
    [InlineData("PRAGMA mmap_size", "0")]
    [InlineData("PRAGMA trusted_schema", "0")]
    [InlineData("PRAGMA temp_store", "2")]
    public async Task Database_OfARunningApp_IsSetToLoseNothing(string pragma, string value)
    {
        await using var app = TestApp.Start();
        await using var db = await app.OpenDatabaseAsync();
        await db.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = pragma;
        Assert.Equal(value, $"{await command.ExecuteScalarAsync(TestContext.Current.CancellationToken)}");
    }

    public void Dispose() => _parent.Dispose();

    private DataFolder Open()
    {
        var folder = new DataFolder(Microsoft.Extensions.Options.Options.Create(Options), NullLogger<DataFolder>.Instance);
        folder.Open();
        return folder;
    }
}
