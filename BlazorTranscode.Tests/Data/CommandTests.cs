using BlazorTranscode.Tests.Infrastructure;

namespace BlazorTranscode.Tests.Data;

/// <summary>The command <c>backup</c>, and what is no command.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TempFolder _backups = new();

    private string Backup => _backups.File("backup.db");

    public void Dispose() => _backups.Dispose();

    [Fact]
    public async Task Backup_IntoAFolder_HasANameOfItsOwn_AndOverwritesNothing()
    {
        using var app = await AppProcess.StartAsync();
        var (exitCode, output, _) = await app.CommandAsync("backup", _backups.Path);
        Assert.Equal(0, exitCode);
        var copy = Assert.Single(Directory.GetFiles(_backups.Path));
        Assert.Contains(copy, output, StringComparison.Ordinal);
        Assert.Contains("The audio is not in the copy", output, StringComparison.Ordinal);
        Assert.Contains($"There is a file {copy} already", await app.RefusedAsync("backup", copy), StringComparison.Ordinal);
        Assert.Equal(copy, Assert.Single(Directory.GetFiles(_backups.Path)));
    }

    [Fact]
    public async Task Backup_WithoutADatabase_MakesNone()
    {
        using var app = AppProcess.Create();
        Assert.Contains("There is no database", await app.RefusedAsync("backup", Backup), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(app.DataFolder));
        Assert.Empty(Directory.GetFiles(_backups.Path));
    }

    [Theory]
    [InlineData("restor")]
    [InlineData("restore")]
    [InlineData("backup")]
    public async Task Word_ThatIsNoCommand_IsRefusedWithTheListOfCommands(string word)
    {
        using var app = AppProcess.Create();
        Assert.Contains("restore FILE", await app.RefusedAsync(word), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(app.DataFolder));
    }

    [Theory]
    [InlineData("--version", "BlazorTranscode 0.")]
    [InlineData("--help", "restore FILE")]
    public async Task Question_IsAnswered_AndNothingServed(string word, string answer)
    {
        using var app = AppProcess.Create();
        var (exitCode, output, _) = await app.CommandAsync(word);
        Assert.Equal(0, exitCode);
        Assert.Contains(answer, output, StringComparison.Ordinal);
    }
}
