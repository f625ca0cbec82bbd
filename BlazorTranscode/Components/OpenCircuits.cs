using BlazorTranscode.Accounts;
using BlazorTranscode.Data;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Components;

/// <summary>
/// How many pages each person has connected, and how many circuits they have on the server: a circuit whose connection broke is kept
/// for a while, so there may be twice as many circuits as connections.
/// </summary>
internal sealed class OpenCircuits(IOptions<LimitsOptions> limits)
{
    private readonly Dictionary<string, (int Connections, int Circuits)> _people = [];
    private readonly Lock _lock = new();

    private int Most => limits.Value.TabsPerPerson;

    /// <summary>Whether this person may open no further page.</summary>
    public bool IsFull(string userId)
    {
        lock (_lock)
            return _people.GetValueOrDefault(userId) is var open && (open.Connections >= Most || open.Circuits >= 2 * Most);
    }

    /// <summary>Counts a connection until it is disposed; null if there may be no further one.</summary>
    public IDisposable? TryConnect(string userId)
    {
        lock (_lock)
        {
            if (_people.GetValueOrDefault(userId).Connections >= Most)
                return null;
            Add(userId, 1, 0);
        }

        return new Connection(this, userId);
    }

    public void CountCircuit(string userId, int change)
    {
        lock (_lock)
            Add(userId, 0, change);
    }

    private void Add(string userId, int connections, int circuits)
    {
        var open = _people.GetValueOrDefault(userId);
        open = (open.Connections + connections, open.Circuits + circuits);
        if (open == default)
            _people.Remove(userId);
        else
            _people[userId] = open;
    }

    private sealed class Connection(OpenCircuits all, string userId) : IDisposable
    {
        public void Dispose()
        {
            lock (all._lock)
                all.Add(userId, -1, 0);
        }
    }
}

/// <summary>Counts a circuit for the person who sits at it, from its begin to its end.</summary>
internal sealed class CircuitTally(AuthenticationStateProvider authentication, OpenCircuits open) : CircuitHandler
{
    // The person of the begin: at the end the circuit may be signed out.
    private string? _userId;

    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        _userId = (await authentication.GetAuthenticationStateAsync()).User.UserId;
        if (_userId is not null)
            open.CountCircuit(_userId, 1);
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (_userId is not null)
            open.CountCircuit(_userId, -1);
        _userId = null;
        return Task.CompletedTask;
    }
}
