using System.Threading.Channels;

namespace BlazorTranscode.Storage;

/// <summary>
/// Whether the media store can be used, as <see cref="StorageWatch"/> last saw it. Reading costs nothing. While it cannot, uploads are asked
/// to come again and jobs wait.
/// </summary>
internal sealed partial class StorageHealth(ILogger<StorageHealth> logger)
{
    /// <summary>What a person reads who wants something of the store meanwhile.</summary>
    public const string Away = "The storage does not answer at the moment.";

    private readonly Channel<bool> _doubts = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile StorageProblem? _problem;
    private volatile bool _wasSeen;

    /// <summary>False until the first look is over; until then the store is believed to work.</summary>
    public bool WasSeen => _wasSeen;

    public bool IsAvailable => _problem is null;

    /// <summary>What is wrong, and which setting to look at: for the log and for administrators only. Null when all is well.</summary>
    public string? Problem => _problem?.ForOperator;

    /// <summary>What is wrong in a sentence that anybody may read. Null when all is well.</summary>
    public string? PublicProblem => _problem?.ForAnybody;

    /// <summary>Asks for a look at once: somebody has met a fault that may be the store's.</summary>
    public void Doubt() => _doubts.Writer.TryWrite(true);

    /// <summary>
    /// Takes note of what a request of the store ended in. A store that is away gives one line in the log, from the look that follows; any
    /// other fault gives one of its own.
    /// </summary>
    public void Report(Exception fault)
    {
        if (fault is not StorageUnavailableException)
            LogFault(fault);
        Doubt();
    }

    /// <summary>Completes when somebody doubts, once for all doubts since the last time.</summary>
    internal async Task DoubtedAsync(CancellationToken cancellationToken) => await _doubts.Reader.ReadAsync(cancellationToken);

    /// <summary>Takes what a look has found.</summary>
    internal void Note(StorageProblem? problem)
    {
        var before = _problem;
        (_problem, _wasSeen) = (problem, true);
        if (problem?.ForOperator == before?.ForOperator)
            return;
        if (problem is not null)
            LogProblem(problem.ForOperator);
        else
            LogWell();
    }

    [LoggerMessage(LogLevel.Error, "The media store cannot be used; uploads and jobs wait: {Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(LogLevel.Information, "The media store can be used again; uploads and jobs go on")]
    private partial void LogWell();

    [LoggerMessage(LogLevel.Warning, "The media store failed at a request")]
    private partial void LogFault(Exception fault);
}

/// <summary>Why the store cannot be used.</summary>
/// <param name="ForOperator">Names the setting, the address or the folder that is at fault.</param>
/// <param name="ForAnybody">Names no more than the operation that fails.</param>
internal sealed record StorageProblem(string ForOperator, string ForAnybody);
