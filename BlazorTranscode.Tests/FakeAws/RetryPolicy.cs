namespace BlazorTranscode.Tests.FakeAws;

/// <summary>
/// How SNS repeats what was not taken. Source: "Amazon SNS message delivery retries" in the SNS developer guide; the default is three
/// retries, twenty seconds apart.
/// </summary>
/// <param name="Retries">Attempts after the first.</param>
/// <param name="Delay">Between two attempts.</param>
/// <param name="Timeout">How long an answer may take.</param>
internal sealed record RetryPolicy(int Retries, TimeSpan Delay, TimeSpan Timeout)
{
    public static readonly RetryPolicy Default = new(3, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(15));
}

/// <summary>What a network may do to deliveries, at random but repeatably.</summary>
/// <param name="Random">Decides.</param>
/// <param name="Drop">Share of deliveries that never leave, 0 to 1.</param>
/// <param name="Double">Share that is sent twice, 0 to 1.</param>
internal sealed record SnsFaults(Random Random, double Drop, double Double);

/// <summary>How one delivery ended.</summary>
/// <param name="Statuses">The answer to each attempt, oldest first; 0 where there was none.</param>
internal sealed record SnsOutcome(IReadOnlyList<int> Statuses)
{
    public bool Delivered => Statuses is [.., >= 200 and < 300];
}
