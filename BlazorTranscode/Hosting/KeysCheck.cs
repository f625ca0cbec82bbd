using BlazorTranscode.Data;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BlazorTranscode.Hosting;

/// <summary>Do sign-ins outlive a restart?</summary>
internal sealed class KeysCheck(KeyFolder keys) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(keys.HasUnwritten
            ? HealthCheckResult.Unhealthy("The keys of sign-ins cannot be written, so a restart ends all sign-ins. The log says why.")
            : HealthCheckResult.Healthy());
}
