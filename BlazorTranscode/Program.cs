using BlazorTranscode.Accounts;
using BlazorTranscode.Administration;
using BlazorTranscode.Components;
using BlazorTranscode.Data;
using BlazorTranscode.Hosting;
using BlazorTranscode.Library;
using BlazorTranscode.Messages;
using BlazorTranscode.Notifications;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Uploads;
using BlazorTranscode.Webhooks;

try
{
    var builder = WebApplication.CreateBuilder(Commands.SettingsIn(args));
    builder.AddHosting();
    builder.AddData();
    builder.AddStorage();
    builder.AddAccounts();
    builder.AddUploads();
    builder.AddTranscoding();
    builder.AddWebhooks();
    builder.AddMessages();
    builder.AddNotifications();
    builder.AddLibrary();
    builder.AddAdministration();
    builder.AddFrame();

    var app = builder.Build();
    if (await app.RunCommandAsync(args)) return Environment.ExitCode;
    app.ValidateSettings();
    await app.MigrateAsync();

    app.UseHosting();
    app.MapHosting();
    app.MapAccounts();
    app.MapUploads();
    app.MapWebhooks();
    app.MapLibrary();
    app.MapFrame();

    await app.RunAsync();
    return 0;
}
catch (Exception failure) when (StartFailure.Explain(failure) is { } sentences)
{
    Console.Error.WriteLine(sentences);
    return 1;
}
