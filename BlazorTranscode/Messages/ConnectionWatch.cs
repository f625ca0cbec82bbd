using Microsoft.AspNetCore.Components.Server.Circuits;

namespace BlazorTranscode.Messages;

/// <summary>Whether the browser of this circuit is there. Nothing needs rendering for one that is away; it asks again when it is back.</summary>
internal sealed class ConnectionWatch : CircuitHandler
{
    private volatile bool _away;

    /// <summary>The browser is back after the connection was lost. Called on any thread.</summary>
    public event Action? Returned;

    public bool IsUp => !_away;

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (_away)
        {
            _away = false;
            Returned?.Invoke();
        }
        return Task.CompletedTask;
    }

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        _away = true;
        return Task.CompletedTask;
    }
}
