using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>Is the database there and readable, and does its log get emptied?</summary>
internal sealed class DatabaseCheck(IDbContextFactory<AppDbContext> databases, IOptions<DataOptions> data) : IHealthCheck
{
    // SQLite empties its log from about 40 MiB on, unless somebody has been reading all the time.
    private const long LongestLog = 256 << 20;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // An open connection goes on reading a file that was deleted under it.
        if (!File.Exists(data.Value.Database))
            return HealthCheckResult.Unhealthy("The database file is gone.");
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.Users.AnyAsync(cancellationToken);
            return new FileInfo($"{data.Value.Database}-wal") is { Exists: true, Length: > LongestLog } log
                ? HealthCheckResult.Unhealthy($"The database's log has grown to {log.Length >> 20} MiB: a backup or a shell has been reading for too long. End it.")
                : HealthCheckResult.Healthy();
        }
        catch (Exception unreadable) when (unreadable is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The database cannot be read.", unreadable);
        }
    }
}
