using BlazorTranscode.Aws;
using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.ElasticTranscoder;

internal static class ElasticTranscoderRegistration
{
    public static void AddElasticTranscoder(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<ElasticTranscoderOptions>();
        builder.Services.AddSingleton<IValidateOptions<ElasticTranscoderOptions>, ElasticTranscoderRules>();
        builder.Services.AddAwsClient<ElasticTranscoderClient>(ElasticTranscoderClient.Service, repeatable: false);
        builder.Services.AddSingleton<ElasticTranscoderTranscoder>();
        builder.Services.AddSingleton<ITranscoder>(services => services.GetRequiredService<ElasticTranscoderTranscoder>());
        builder.Services.AddHostedService(services => services.GetRequiredService<ElasticTranscoderTranscoder>());
    }
}
