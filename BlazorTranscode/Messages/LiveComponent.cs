using BlazorTranscode.Data;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace BlazorTranscode.Messages;

/// <summary>
/// A component that shows rows of the signed-in person and reads them again when a feed rings. Rings that come while it reads are answered
/// by one more read; while the browser is away they are only remembered.
/// </summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private IReadOnlyList<IDisposable> _subscriptions = [];
    private int _rung;
    private long _version;
    private bool _reading;
    private bool _disposed;

    protected LiveComponent() => Stop = _stop.Token;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [Inject]
    private ConnectionWatch Connection { get; set; } = default!;

    /// <summary>The id of the signed-in person.</summary>
    protected string UserId { get; private set; } = "";

    /// <summary>Cancelled when the component goes.</summary>
    protected CancellationToken Stop { get; }

    // False while nobody would see what is rendered.
    private bool IsWatched => Connection.IsUp && !_disposed;

    /// <summary>Reads what is shown. Runs on the renderer, never twice at once.</summary>
    protected abstract Task ReadAsync();

    /// <summary>Listens to the feeds; called once, after the first render in a circuit and never in a prerender.</summary>
    protected abstract IReadOnlyList<IDisposable> Subscribe();

    protected override async Task OnInitializedAsync()
    {
        UserId = (await Authentication).User.UserId ?? "";
        await ReadAsync();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender || _disposed)
            return;
        _subscriptions = Subscribe();
        Connection.Returned += Ring;
        Ring(); // for what changed between reading and subscribing
    }

    /// <summary>Asks for a new read; from any thread, never waits, never throws.</summary>
    protected void Ring()
    {
        Volatile.Write(ref _rung, 1);
        if (IsWatched)
            _ = InvokeAsync(CatchUpAsync);
    }

    /// <summary>Asks for a new read if the mailbox has moved: the sweep repeats versions that everybody has seen.</summary>
    protected void RingAt(long version)
    {
        if (Interlocked.Exchange(ref _version, version) != version)
            Ring();
    }

    /// <summary>Renders what is known already, if somebody looks; from any thread, never waits, never throws.</summary>
    protected void Refresh()
    {
        if (!IsWatched)
            return;
        _ = InvokeAsync(StateHasChanged).ContinueWith(
            failed => DispatchExceptionAsync(failed.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private async Task CatchUpAsync()
    {
        if (_reading)
            return; // whoever reads looks at the flag once more before leaving
        _reading = true;
        try
        {
            while (!_disposed && Interlocked.Exchange(ref _rung, 0) == 1)
            {
                await ReadAsync();
                StateHasChanged();
            }
        }
        catch (OperationCanceledException) when (_disposed)
        {
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
        finally
        {
            _reading = false;
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Connection.Returned -= Ring;
        foreach (var subscription in _subscriptions)
            subscription.Dispose();
        _stop.Cancel();
        _stop.Dispose();
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>For what a page holds besides its subscriptions.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
