using BlazorTranscode.Storage;

namespace BlazorTranscode.Transcoding;

/// <summary>
/// Looks for the outputs that an engine elsewhere says it has made, before its report is believed. What is there tells its size; if one
/// is missing or empty, the attempt has failed and may be repeated. A store that does not answer is an exception, and the report waits.
/// </summary>
internal sealed class OutputCheck(IMediaStore store, ITranscoder transcoder)
{
    private const string Missing = "The conversion service said that it was done, but not every file was there.";

    /// <summary>The report as it may be believed. Reports of engines that are not in use are none of its business.</summary>
    public async Task<EngineReport?> CheckAsync(EngineReport? report, CancellationToken cancellationToken)
    {
        if (report is not { State: JobState.Succeeded } || report.Engine != transcoder.Name)
            return report;
        List<EngineOutput> found = [];
        foreach (var output in report.Outputs.Where(o => MediaKey.IsKey(o.Key)))
        {
            if (await LengthAsync(output.Key, cancellationToken) is not { } length)
                return report with { State = JobState.Failed, Outputs = [], Reason = Missing, Detail = null, Retryable = true };
            found.Add(output with { Length = length });
        }

        return report with { Outputs = found };
    }

    /// <inheritdoc cref="CheckAsync(EngineReport?, CancellationToken)"/>
    public async Task<JobReport> CheckAsync(JobReport report, CancellationToken cancellationToken)
    {
        if (report.State != JobState.Succeeded)
            return report;
        List<JobOutput> found = [];
        foreach (var output in report.Outputs)
        {
            if (await LengthAsync(output.StorageKey, cancellationToken) is not { } length)
                return report with { State = JobState.Failed, Outputs = [], Reason = Missing, Detail = null, Retryable = true };
            found.Add(output with { Length = length });
        }

        return report with { Outputs = found };
    }

    /// <returns>Its size in bytes; null if there is no such object, or nothing in it.</returns>
    private async Task<long?> LengthAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await using var bytes = await store.OpenAsync(key, cancellationToken);
            return bytes.Length > 0 ? bytes.Length : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
