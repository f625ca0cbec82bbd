using System.Security.Cryptography;
using System.Text;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Accounts;

/// <summary>
/// While there is no account, the log shows a token and the first registration must know it: where the setting says so, and where the
/// media store is not empty, because then the database was lost, and who comes first must not get what others have stored. It is a file
/// beside the database, so that it stays the same over restarts until it is used.
/// </summary>
internal sealed partial class SetupToken(
    IOptions<AccountsOptions> accounts, IOptions<DataOptions> data, IDbContextFactory<AppDbContext> dbs, StoreOwnership store, ILogger<SetupToken> logger)
    : BackgroundService
{
    /// <summary>Whether the first account needs it. A store that does not answer may hold anything.</summary>
    public bool IsRequired => accounts.Value.RequireSetupToken || store.WasEmpty is not true;

    private string Path => System.IO.Path.Combine(data.Value.Root, "setup-token");

    public bool IsRight(string? token) => token is not null && File.Exists(Path) && CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(token.Trim()), File.ReadAllBytes(Path));

    public void Forget() => File.Delete(Path);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsRequired)
            return;
        await using var db = await dbs.CreateDbContextAsync(stoppingToken);
        if (await db.Users.AnyAsync(stoppingToken))
            return;
        if (!File.Exists(Path))
            await WriteAsync(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), stoppingToken);
        if (!accounts.Value.RequireSetupToken)
            LogWhy(logger, store.WasEmpty is null ? "the media store does not answer" : "the media store is not empty");
        Announce(logger, $"{accounts.Value.PublicOrigin}/account/register", await File.ReadAllTextAsync(Path, stoppingToken));
    }

    private async Task WriteAsync(string token, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var file = new FileStream(Path, options);
        await file.WriteAsync(Encoding.UTF8.GetBytes(token), cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "The first account needs the setup token because {Why}: the database may have been lost or restored in part")]
    private static partial void LogWhy(ILogger logger, string why);

    [LoggerMessage(LogLevel.Warning, "There is no account yet. Open {Address} and give this setup token: {Token}")]
    private static partial void Announce(ILogger logger, string address, string token);
}
