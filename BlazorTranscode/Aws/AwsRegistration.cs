using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using BlazorTranscode.Data;
using Microsoft.Extensions.Options;
using Polly;

namespace BlazorTranscode.Aws;

internal static class AwsRegistration
{
    /// <summary>
    /// A client of one service: retried with growing pauses when it is throttled or fails for a moment, and signed on each try.
    /// </summary>
    /// <param name="service">The name that signatures carry, and the first part of the host name.</param>
    /// <param name="repeatable">Whether a request that changes something may be sent twice, because the service knows it again.</param>
    public static void AddAwsClient<TClient>(this IServiceCollection services, string service, bool repeatable) where TClient : class
    {
        services.AddSettings<AwsOptions>();
        var client = services.AddHttpClient<TClient>((provider, http) => http.BaseAddress = provider.GetRequiredService<IOptions<AwsOptions>>().Value.Endpoint(service));
        client.RemoveAllLoggers();
        // The clients live as long as the app, so connections must not: addresses of AWS change.
        client.ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
        client.AddStandardResilienceHandler(options =>
        {
            options.Retry.MaxRetryAttempts = 4;
            options.Retry.Delay = TimeSpan.FromSeconds(1);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(2);
            options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(20);
            options.CircuitBreaker.SamplingDuration = TimeSpan.FromMinutes(1);
            var usual = options.Retry.ShouldHandle;
            // What was refused for being too much was not done, so that may always be sent again.
            options.Retry.ShouldHandle = async attempt => await usual(attempt)
                && (repeatable || attempt.Outcome.Result is { StatusCode: System.Net.HttpStatusCode.TooManyRequests } || attempt.Context.GetRequestMessage()?.Method == HttpMethod.Get);
        });
        client.AddHttpMessageHandler(provider => new SigningHandler(
            service, provider.GetRequiredService<IOptions<AwsOptions>>().Value.EffectiveRegion!, CredentialsAsync, provider.GetRequiredService<TimeProvider>()));
    }

    private static async Task<ImmutableCredentials> CredentialsAsync()
    {
        var found = await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync(new Amazon.S3.AmazonS3Config());
        return await found.GetCredentialsAsync();
    }
}
