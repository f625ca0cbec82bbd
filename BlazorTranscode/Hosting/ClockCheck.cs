using BlazorTranscode.Webhooks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BlazorTranscode.Hosting;

/// <summary>Does the clock of this machine agree with Amazon's? While not, the app works, but what the webhook gets is put off.</summary>
internal sealed class ClockCheck(DeliveryClock clock) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(clock.Problem is { } problem ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy());
}
