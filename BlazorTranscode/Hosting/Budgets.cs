using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using BlazorTranscode.Accounts;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Hosting;

/// <summary>
/// What one person, or one network that is not signed in, may ask for in a time. The numbers are the settings under <c>Limits</c>, and no
/// honest use meets them. Outside stand the health endpoints, and the webhook, which has a gate of its own.
/// </summary>
internal static class Budgets
{
    /// <summary>The key of the limiter that pages ask before they cancel, retry or delete, by user id: what happens on a circuit is no request.</summary>
    public const string JobActions = "job-actions";

    private const int Burst = 10;
    private static readonly PathString[] Passwords = ["/account/login", "/account/reset-password", "/account/manage", "/account/passkeys/sign-in"];

    public static void AddBudgets(this IServiceCollection services)
    {
        services.AddSingleton<Visitors>();
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<LimitsOptions>, Visitors>((limiter, limits, visitors) =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = RefuseAsync;
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, (string, Visitor)>(context => Costly(context, limits.Value, visitors)),
                PartitionedRateLimiter.Create<HttpContext, (string, Visitor)>(context => Any(context, limits.Value, visitors)));
        });
        services.AddKeyedSingleton(JobActions, (provider, _) => PartitionedRateLimiter.Create<string, string>(userId =>
            RateLimitPartition.GetTokenBucketLimiter(userId, _ => PerMinute(provider.GetRequiredService<IOptions<LimitsOptions>>().Value.JobActionsPerMinute))));
    }

    /// <summary>What costs a password check, an account, or writes that are flushed to the disk.</summary>
    private static RateLimitPartition<(string, Visitor)> Costly(HttpContext context, LimitsOptions limits, Visitors visitors)
    {
        var request = context.Request;
        var isPost = HttpMethods.IsPost(request.Method);
        if (isPost && request.Path.StartsWithSegments("/account/register", StringComparison.OrdinalIgnoreCase))
            return Bucket("register", visitors.NetworkOf(context), PerHour(limits.RegistrationsPerHour));
        if (isPost && Passwords.Any(path => request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase, out var rest) && rest.Value is null or "" or "/"))
            return Bucket("sign-in", visitors.NetworkOf(context), PerMinute(limits.SignInsPerMinute));
        if (request.Path.StartsWithSegments("/uploads", StringComparison.OrdinalIgnoreCase) && (isPost || HttpMethods.IsDelete(request.Method))
            && request.Headers["X-HTTP-Method-Override"] != HttpMethods.Patch)
        {
            return Bucket("upload", visitors.PersonOf(context), PerMinute(limits.UploadsPerMinute));
        }

        return RateLimitPartition.GetNoLimiter(("", default(Visitor)));
    }

    private static RateLimitPartition<(string, Visitor)> Any(HttpContext context, LimitsOptions limits, Visitors visitors) =>
        Health.IsHealth(context.Request) || HostFilter.IsWebhook(context.Request)
            ? RateLimitPartition.GetNoLimiter(("", default(Visitor)))
            : Bucket("any", visitors.PersonOf(context), new()
            {
                TokenLimit = limits.RequestsPerSecond * Burst, TokensPerPeriod = limits.RequestsPerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            });

    private static RateLimitPartition<(string, Visitor)> Bucket(string kind, Visitor visitor, TokenBucketRateLimiterOptions one) =>
        RateLimitPartition.GetTokenBucketLimiter((kind, visitor), _ =>
        {
            one.TokenLimit *= visitor.Share;
            one.TokensPerPeriod *= visitor.Share;
            return one;
        });

    private static TokenBucketRateLimiterOptions PerMinute(int most) => Steady(most, TimeSpan.FromMinutes(1));

    private static TokenBucketRateLimiterOptions PerHour(int most) => Steady(most, TimeSpan.FromHours(1));

    /// <summary>So many at once; what is used comes back steadily, all of it in the period.</summary>
    private static TokenBucketRateLimiterOptions Steady(int most, TimeSpan period)
    {
        // Not more often than ten times a second, which is how often the limiter looks.
        var perTick = Math.Max(1, (int)(most / (period.TotalSeconds * 10)));
        return new() { TokenLimit = most, TokensPerPeriod = perTick, ReplenishmentPeriod = period / most * perTick };
    }

    private static async ValueTask RefuseAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        var response = rejected.HttpContext.Response;
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? (int)Math.Ceiling(after.TotalSeconds) : 1;
        response.Headers.RetryAfter = Math.Max(1, wait).ToString(CultureInfo.InvariantCulture);
        response.Headers.CacheControl = "no-store";
        var sentence = $"That was too much at once. Try again in {Words(wait)}.";
        // An uploader shows the text, whatever else it says that it takes.
        if (ErrorAnswers.WantsPage(rejected.HttpContext.Request) && !rejected.HttpContext.Request.Headers.ContainsKey("Tus-Resumable"))
        {
            response.ContentType = "text/html; charset=utf-8";
            await response.WriteAsync(Page(sentence), cancellationToken);
        }
        else
        {
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync(sentence, cancellationToken);
        }
    }

    private static string Words(int seconds) => seconds switch
    {
        <= 1 => "a second",
        < 100 => $"{seconds} seconds",
        _ => $"{(seconds + 59) / 60} minutes",
    };

    // A page of the app would cost what the limit is there to save.
    private static string Page(string sentence) =>
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
          <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
          <title>Too much at once · BlazorTranscode</title>
          <style>body {"{"} font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem {"}"}</style>
        </head>
        <body><main><h1>Too much at once</h1><p role="alert">{WebUtility.HtmlEncode(sentence)}</p><p><a href="/">Go to your library</a></p></main></body>
        </html>
        """;
}
