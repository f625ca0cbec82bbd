using BlazorTranscode.Accounts;
using BlazorTranscode.Components;
using BlazorTranscode.Data;
using BlazorTranscode.Hosting;
using BlazorTranscode.Library;
using BlazorTranscode.Messages;
using BlazorTranscode.Notifications;
using BlazorTranscode.Storage;
using BlazorTranscode.Transcoding;
using BlazorTranscode.Uploads;

var builder = WebApplication.CreateBuilder(args);

builder.AddHosting();
builder.AddData();
builder.AddAccounts();
builder.AddUploads();
builder.AddStorage();
builder.AddTranscoding();
builder.AddMessages();
builder.AddNotifications();
builder.AddLibrary();
builder.AddFrame();

var app = builder.Build();
await app.MigrateAsync();

app.UseHosting();
app.MapHosting();
app.MapAccounts();
app.MapUploads();
app.MapLibrary();
app.MapFrame();

await app.RunAsync();
