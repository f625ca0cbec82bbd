using Microsoft.AspNetCore.Components.Server.Circuits;

namespace BlazorTranscode.Messages;

internal static class MessagesRegistration
{
    public static void AddMessages(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<MessageFeed>();
        builder.Services.AddSingleton<MessageStore>();
        builder.Services.AddScoped<ConnectionWatch>();
        builder.Services.AddScoped<CircuitHandler>(services => services.GetRequiredService<ConnectionWatch>());
    }
}
