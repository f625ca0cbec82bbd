using Microsoft.AspNetCore.Components.Server.Circuits;

namespace BlazorTranscode.Notifications;

internal static class NotificationsRegistration
{
    /// <summary>One <see cref="NotificationService"/> for each circuit, and the sweep behind them all.</summary>
    public static void AddNotifications(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<NotificationService>();
        builder.Services.AddScoped<CircuitHandler, CircuitConnection>();
        builder.Services.AddHostedService<MailboxSweep>();
    }
}
