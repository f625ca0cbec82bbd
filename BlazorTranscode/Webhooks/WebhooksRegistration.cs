using BlazorTranscode.Aws;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Webhooks;

internal static class WebhooksRegistration
{
    /// <summary>The door for messages from SNS, and what stands behind it.</summary>
    public static void AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<SnsOptions>();
        builder.Services.AddSingleton<IValidateOptions<SnsOptions>, SnsOptionsRules>();
        builder.Services.AddHttpClient(SigningCertificates.Client, client =>
        {
            client.Timeout = SigningCertificates.FetchTime;
            client.MaxResponseContentBufferSize = SigningCertificates.MaxBytes;
        }).RemoveAllLoggers().ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(2), PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        });
        builder.Services.AddSingleton<SigningCertificates>().AddSingleton<RememberedCertificates>();
        builder.Services.AddSingleton<DeliveryClock>().AddSingleton<WebhookGate>();
        builder.Services.AddSingleton<SnsVerifier>();
        builder.Services.AddSingleton<SnsEndpoint>();
        builder.Services.AddSingleton<RefusedDeliveries>();
        builder.Services.AddSingleton<Subscriptions>();
        builder.Services.AddSingleton<DeliveredReports>();
        builder.Services.AddSingleton<WaitingDeliveries>();
        builder.Services.AddSingleton<DeliveryWriter>();
        builder.Services.AddSingleton<DeliveryQueue>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DeliveryQueue>());
        builder.Services.AddHostedService<WebhookUpkeep>();
        builder.Services.AddAwsClient<SimpleNotificationServiceClient>(SimpleNotificationServiceClient.Service, repeatable: true);
        if (!string.IsNullOrEmpty(builder.Configuration["Sns:SubscribeUrl"]))
            builder.Services.AddHostedService<TopicSubscriber>();
        builder.AddSqsReceiver();
    }

    public static void MapWebhooks(this WebApplication app) =>
        app.Map(SnsEndpoint.Path, (HttpContext context, SnsEndpoint endpoint) => endpoint.HandleAsync(context))
            .WithMetadata(new AllowAnonymousAttribute(), new SkipStatusCodePagesAttribute(), new RequestSizeLimitAttribute(SnsEndpoint.MaxBytes));
}
