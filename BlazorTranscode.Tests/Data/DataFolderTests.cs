using System.Runtime.Versioning;
using BlazorTranscode.Data;
using BlazorTranscode.Tests.Infrastructure;
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
    public void Open_AfterAKill_EmptiesTheScratchSpaceAndNothingElse()
    {
        using (Open())
        {
            Directory.CreateDirectory(Path.Combine(Options.Work, "job"));
            File.WriteAllText(Path.Combine(Options.Work, "job", "half.mp3"), "");
            File.WriteAllText(Path.Combine(Options.Media, "whole.mp3"), "");
        }
        using var again = Open();
        Assert.Empty(Directory.EnumerateFileSystemEntries(Options.Work));
        Assert.True(File.Exists(Path.Combine(Options.Media, "whole.mp3")));
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
