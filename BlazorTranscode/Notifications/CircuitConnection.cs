using Microsoft.AspNetCore.Components.Server.Circuits;

namespace BlazorTranscode.Notifications;

/// <summary>Puts a circuit's notifications to sleep while its connection is down, and wakes them when it is back.</summary>
internal sealed class CircuitConnection(NotificationService notifications) : CircuitHandler
{
    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        notifications.Sleep();
        return Task.CompletedTask;
    }

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        notifications.Wake();
        return Task.CompletedTask;
    }
}
