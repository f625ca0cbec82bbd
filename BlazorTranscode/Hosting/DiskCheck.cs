using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>Is there room on the disks of the data folder, beyond the reserve that uploads and jobs leave?</summary>
internal sealed class DiskCheck(IOptions<DataOptions> data, IOptions<StorageOptions> storage) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Each of these may be a disk of its own.
        var free = new[] { data.Value.Root, data.Value.Media, data.Value.Work }.Where(Directory.Exists).Min(DiskRoom.FreeBytes);
        return Task.FromResult(free >= storage.Value.ReserveBytes
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"Only {Measures.Size(free)} are free; {Measures.Size(storage.Value.ReserveBytes)} are wanted."));
    }
}
