using BlazorTranscode.Audio;
using BlazorTranscode.Data;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding.ElasticTranscoder;
using BlazorTranscode.Transcoding.Ffmpeg;
using BlazorTranscode.Transcoding.MediaConvert;

namespace BlazorTranscode.Transcoding;

internal static class TranscodingRegistration
{
    /// <summary>The queue, the worker and the engine.</summary>
    public static void AddTranscoding(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<TranscodingOptions>();
        builder.Services.AddSingleton<JobFeed>();
        builder.Services.AddSingleton<JobHold>();
        builder.Services.AddSingleton<OutputCheck>();
        builder.Services.AddSingleton<JobQueue>();
        builder.Services.AddSingleton<JobReports>();
        builder.Services.AddSingleton<TranscodeWorker>();
        builder.Services.AddSingleton<LeftJobs>();
        builder.Services.AddSingleton<SubscriptionHealth>();
        builder.Services.AddSingleton(new BytesOfPeople((db, _) => db.AudioFiles
            .SelectMany(file => file.Renditions, (file, made) => new OwnedBytes { OwnerId = file.OwnerId, Bytes = made.Length })));
        builder.Services.AddSingleton(new BytesOfPeople((db, _) => db.TranscodeJobs.Where(job => job.State == JobState.Running)
            .Select(job => new OwnedBytes { OwnerId = job.OwnerId, Bytes = job.ReservedBytes })));
        var data = builder.Configuration.GetSection("Data").Get<DataOptions>() ?? new();
        var transcoding = builder.Configuration.GetSection("Transcoding").Get<TranscodingOptions>() ?? new();
        if (transcoding.Engine is TranscodingEngine.MediaConvert)
            builder.AddMediaConvert();
        else if (transcoding.Engine is TranscodingEngine.ElasticTranscoder)
            builder.AddElasticTranscoder();
        else
            builder.AddFfmpeg();
        JobDispatcher.Register(builder.Services, data.Database, transcoding.EffectiveMaxJobs);
        builder.Services.AddHostedService<JobSweep>();
        builder.Services.AddHostedService<Reconciler>();
    }
}
