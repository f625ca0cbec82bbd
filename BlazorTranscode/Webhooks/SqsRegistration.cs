using Amazon;
using Amazon.SQS;
using BlazorTranscode.Aws;
using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Webhooks;

internal static class SqsRegistration
{
    /// <summary>The way in for an app that nobody can reach.</summary>
    public static void AddSqsReceiver(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<AwsOptions>();
        builder.Services.AddSettings<SqsOptions>();
        builder.Services.AddSingleton<IValidateOptions<SqsOptions>, SqsOptionsRules>();
        if (string.IsNullOrEmpty(builder.Configuration["Sqs:QueueUrl"]))
            return;
        builder.Services.AddSingleton<IAmazonSQS>(services => Connect(services.GetRequiredService<IOptions<AwsOptions>>().Value));
        builder.Services.AddHostedService<SqsReceiver>();
    }

    private static AmazonSQSClient Connect(AwsOptions aws)
    {
        // An answer may take as long as the queue waits for a message.
        var config = new AmazonSQSConfig { Timeout = TimeSpan.FromSeconds(40) };
        if (aws.ServiceUrl.Length > 0)
            (config.ServiceURL, config.AuthenticationRegion) = (aws.ServiceUrl, aws.EffectiveRegion);
        else
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(aws.EffectiveRegion);
        return new(config);
    }
}
