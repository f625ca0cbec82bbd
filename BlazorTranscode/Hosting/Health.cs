using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BlazorTranscode.Hosting;

/// <summary>
/// <c>/health/live</c> says that the process answers; restart it when it does not. <c>/health/ready</c> says what the app needs and does
/// not have; 503 when something is missing. Both are open to anybody and write nothing.
/// </summary>
internal static class Health
{
    public const string LivePath = "/health/live";
    public const string ReadyPath = "/health/ready";

    public static void AddHealth(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck<DatabaseCheck>("database").AddCheck<KeysCheck>("keys").AddCheck<DiskCheck>("disk")
            .AddCheck<StorageCheck>("storage").AddCheck<TranscoderCheck>("transcoder").AddCheck<OwnershipCheck>("ownership").AddCheck<ClockCheck>("clock");

    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks(LivePath, new() { Predicate = _ => false, ResponseWriter = WriteAsync });
        endpoints.MapHealthChecks(ReadyPath, new() { ResponseWriter = WriteAsync });
    }

    public static bool IsHealth(HttpRequest request) => request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase);

    // Names and our own sentences only: an exception could carry a path or a connection string.
    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new
        {
            status = report.Status.ToString(),
            checks = report.Entries.ToDictionary(
                entry => entry.Key,
                entry => new { status = entry.Value.Status.ToString(), description = entry.Value.Description ?? "" }),
        },
        context.RequestAborted);
}
