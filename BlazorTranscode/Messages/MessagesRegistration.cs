namespace BlazorTranscode.Messages;

internal static class MessagesRegistration
{
    public static void AddMessages(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<MessageFeed>();
        builder.Services.AddSingleton<MessageStore>();
    }
}
