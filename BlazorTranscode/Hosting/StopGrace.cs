namespace BlazorTranscode.Hosting;

/// <summary>
/// Ends what is still open a moment after a stop has begun. Otherwise Kestrel waits for one slow download until the time of the whole
/// stop is used up, and nothing is left for what stops after it.
/// </summary>
internal sealed class StopGrace : IMiddleware, IDisposable
{
    private readonly CancellationTokenSource _end;

    public StopGrace(IHostApplicationLifetime lifetime, TimeProvider time)
    {
        _end = new(Timeout.InfiniteTimeSpan, time);
        lifetime.ApplicationStopping.Register(() => _end.CancelAfter(Limits.StopGrace));
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        await using var cut = _end.Token.UnsafeRegister(static context => ((HttpContext)context!).Abort(), context);
        await next(context);
    }

    public void Dispose() => _end.Dispose();
}
