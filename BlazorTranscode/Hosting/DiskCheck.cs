using BlazorTranscode.Data;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>Is there room in the data folder?</summary>
internal sealed class DiskCheck(IOptions<DataOptions> data) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var free = new DriveInfo(data.Value.Root).AvailableFreeSpace;
        return Task.FromResult(free >= data.Value.MinimumFreeBytes
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"Only {free >> 20} MiB are free; {data.Value.MinimumFreeBytes >> 20} MiB are wanted."));
    }
}
