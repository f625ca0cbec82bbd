namespace BlazorTranscode.Notifications;

internal static class NotificationsRegistration
{
    public static void AddNotifications(this WebApplicationBuilder builder)
    {
    }
}
