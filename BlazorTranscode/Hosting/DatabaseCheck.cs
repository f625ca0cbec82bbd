using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>Is the database there and readable?</summary>
internal sealed class DatabaseCheck(IDbContextFactory<AppDbContext> databases, IOptions<DataOptions> data) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // An open connection goes on reading a file that was deleted under it.
        if (!File.Exists(data.Value.Database))
            return HealthCheckResult.Unhealthy("The database file is gone.");
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.Users.AnyAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception unreadable) when (unreadable is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The database cannot be read.", unreadable);
        }
    }
}
