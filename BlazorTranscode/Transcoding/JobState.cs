namespace BlazorTranscode.Transcoding;

/// <summary>
/// Where a job stands. Within one attempt the number only rises, and the first terminal state holds; that is what makes doubled and
/// disordered reports harmless.
/// </summary>
internal enum JobState
{
    /// <summary>Waiting for its turn.</summary>
    Queued = 0,

    /// <summary>Taken by a worker that hands it to an engine elsewhere, or handed over already; the engine has not said that it began.</summary>
    Submitted = 1,

    /// <summary>An engine is at work.</summary>
    Running = 2,

    /// <summary>Every format is in the store.</summary>
    Succeeded = 10,

    /// <summary>Given up, with a reason.</summary>
    Failed = 11,

    /// <summary>Stopped by its owner.</summary>
    Cancelled = 12,
}

internal static class JobStates
{
    /// <summary>The smallest terminal state; everything from here on is final for the attempt.</summary>
    public const JobState FirstTerminal = JobState.Succeeded;

    /// <summary>An attempt has begun and has not ended. Only then does a report of it mean anything.</summary>
    public static bool IsUnderWay(this JobState state) => state is JobState.Submitted or JobState.Running;

    public static bool IsTerminal(this JobState state) => state >= FirstTerminal;
}
