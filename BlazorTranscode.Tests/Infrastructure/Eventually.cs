using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>Waits for what must come true soon, by asking again.</summary>
internal static class Eventually
{
    /// <summary>A guard against hanging, not a claim about speed: the machine may be busy with other tests, or with other work.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns as soon as the condition holds; fails the test when it did not within the deadline.</summary>
    public static async Task TrueAsync(
        Func<Task<bool>> condition, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Pause);
        while (!await condition())
        {
            if (watch.Elapsed > (deadline ?? Deadline))
                Assert.Fail($"Did not come true within {deadline ?? Deadline}: {what}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, TimeSpan?, string?)"/>
    public static Task TrueAsync(
        Func<bool> condition, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(condition))] string? what = null) =>
        TrueAsync(() => Task.FromResult(condition()), deadline, what);
}
