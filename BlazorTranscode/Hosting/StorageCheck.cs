using BlazorTranscode.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BlazorTranscode.Hosting;

/// <summary>Can the media store be used? The answer is the last look's: asking here costs the store nothing.</summary>
internal sealed class StorageCheck(StorageHealth storage) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        storage.PublicProblem is { } problem ? HealthCheckResult.Unhealthy($"{problem} Uploads and jobs wait. The log says more.")
        : storage.WasSeen ? HealthCheckResult.Healthy()
        : HealthCheckResult.Unhealthy("The storage has not been looked at yet."));
}
