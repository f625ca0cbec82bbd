using BlazorTranscode.Data;

namespace BlazorTranscode.Transcoding.Ffmpeg;

internal static class FfmpegRegistration
{
    public static void AddFfmpeg(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<FfmpegOptions>();
        builder.Services.AddSingleton<SandboxThread>();
        builder.Services.AddSingleton<Sandbox>();
        builder.Services.AddSingleton<Ffprobe>();
        builder.Services.AddSingleton<FfmpegEncoder>();
        builder.Services.AddSingleton<JobRoom>();
        builder.Services.AddSingleton<ReserveForOwner>(services => services.GetRequiredService<JobRoom>().ReserveAsync);
        builder.Services.AddSingleton<ReservingEncoder>();
        builder.Services.AddSingleton<FfmpegHealth>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FfmpegHealth>());
        builder.Services.AddSingleton<ITranscoder, FfmpegTranscoder>();
    }
}
