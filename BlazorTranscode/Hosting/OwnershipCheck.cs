using BlazorTranscode.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BlazorTranscode.Hosting;

/// <summary>Does the media store belong to this database? While not, nothing is stored, converted or deleted.</summary>
internal sealed class OwnershipCheck(StoreOwnership ownership) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(ownership.Problem is { } problem ? HealthCheckResult.Unhealthy(problem) : HealthCheckResult.Healthy());
}
