using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>Is there room on the disk of the data folder, beyond the reserve that uploads leave?</summary>
internal sealed class DiskCheck(IOptions<DataOptions> data, IOptions<StorageOptions> storage) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var free = new DriveInfo(data.Value.Root).AvailableFreeSpace;
        return Task.FromResult(free >= storage.Value.ReserveBytes
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"Only {free >> 20} MiB are free; {storage.Value.ReserveBytes >> 20} MiB are wanted."));
    }
}
