using BlazorTranscode.Transcoding;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BlazorTranscode.Hosting;

/// <summary>Can files be converted? While not, uploads are still taken and their jobs wait.</summary>
internal sealed class TranscoderCheck(ITranscoder transcoder) : IHealthCheck
{
    // Why is for the log: it names programs and folders of this machine.
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(transcoder.Unavailable is null
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("Nothing can be converted at the moment, and jobs wait. The log says why."));
}
