using Microsoft.Playwright;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>Lets the first piece of each file pass and holds the others on their way to the server until the test lets them go or cuts them off.</summary>
internal sealed class PatchGate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IRoute> _held = [];
    private bool _open;

    /// <summary>Where the pieces started that the browser wanted to send, in order.</summary>
    public List<string> Offsets { get; } = [];

    public Task Reached => _reached.Task.WaitAsync(TestContext.Current.CancellationToken);

    public static async Task<PatchGate> CloseAsync(IPage page)
    {
        var gate = new PatchGate();
        await page.RouteAsync("**/uploads/*", gate.HandleAsync);
        return gate;
    }

    private async Task HandleAsync(IRoute route)
    {
        var offset = route.Request.Method == "PATCH" ? route.Request.Headers["upload-offset"] : null;
        if (offset is not null)
            Offsets.Add(offset);
        if (_open || offset is null or "0")
        {
            await route.ContinueAsync();
            return;
        }

        _held.Add(route);
        _reached.TrySetResult();
    }

    public Task OpenAsync() => LeaveAsync(route => route.ContinueAsync());

    public Task CutAsync() => LeaveAsync(route => route.AbortAsync());

    private async Task LeaveAsync(Func<IRoute, Task> release)
    {
        _open = true;
        foreach (var route in _held.ToArray())
        {
            try
            {
                await release(route);
            }
            catch (PlaywrightException)
            {
                // The page that sent it is gone.
            }
        }
    }
}
