using BlazorTranscode.Aws;
using BlazorTranscode.Data;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Transcoding.MediaConvert;

internal static class MediaConvertRegistration
{
    public static void AddMediaConvert(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<MediaConvertOptions>();
        builder.Services.AddSingleton<IValidateOptions<MediaConvertOptions>, MediaConvertRules>();
        builder.Services.AddAwsClient<MediaConvertClient>(MediaConvertClient.Service, repeatable: true);
        builder.Services.AddSingleton<MediaConvertTranscoder>();
        builder.Services.AddSingleton<ITranscoder>(services => services.GetRequiredService<MediaConvertTranscoder>());
        builder.Services.AddHostedService(services => services.GetRequiredService<MediaConvertTranscoder>());
    }
}
