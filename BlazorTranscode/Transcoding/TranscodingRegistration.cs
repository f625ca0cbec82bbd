using BlazorTranscode.Transcoding.Ffmpeg;

namespace BlazorTranscode.Transcoding;

internal static class TranscodingRegistration
{
    public static void AddTranscoding(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<JobFeed>();
        builder.Services.AddSingleton<JobQueue>();
        builder.Services.AddSingleton<JobReports>();
        builder.Services.AddSingleton<SubscriptionHealth>();
        builder.AddFfmpeg();
    }
}
