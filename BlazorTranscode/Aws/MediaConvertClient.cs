using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BlazorTranscode.Aws;

/// <summary>
/// The calls of AWS Elemental MediaConvert (API 2017-08-29) that this app makes. It stands in for <c>AmazonMediaConvertClient</c> of the
/// package AWSSDK.MediaConvert, which could not be restored when this was written, and has its names, so that it can be swapped.
/// </summary>
internal sealed class MediaConvertClient(HttpClient http)
{
    /// <summary>The service's name in signatures and host names.</summary>
    public const string Service = "mediaconvert";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Places an order. The same token within a minute gives back the first job instead of a second one.</summary>
    /// <exception cref="AwsServiceException">The service said no.</exception>
    public async Task<MediaConvertJob> CreateJobAsync(CreateJobRequest request, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync("/2017-08-29/jobs", request, Json, cancellationToken);
        return (await ReadAsync<JobAnswer>(answer, cancellationToken)).Job;
    }

    /// <summary>One job, or null if there is none of this id.</summary>
    public async Task<MediaConvertJob?> GetJobAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(Path(id), cancellationToken);
        return answer.StatusCode is HttpStatusCode.NotFound ? null : (await ReadAsync<JobAnswer>(answer, cancellationToken)).Job;
    }

    /// <summary>Stops a job; harmless if it has ended or there is none.</summary>
    public async Task CancelJobAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await http.DeleteAsync(Path(id), cancellationToken);
        if (answer.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict))
            await AwsServiceException.ThrowUnlessSuccessAsync("MediaConvert", answer, cancellationToken);
    }

    /// <summary>Up to twenty of the newest jobs that read this source.</summary>
    public Task<List<MediaConvertJob>> SearchJobsAsync(string inputFile, CancellationToken cancellationToken) =>
        JobsAsync($"/2017-08-29/search?inputFile={Uri.EscapeDataString(inputFile)}&maxResults=20&order=DESCENDING", cancellationToken);

    /// <summary>The newest job of all, if there is one: a question that shows whether the service answers us.</summary>
    public Task<List<MediaConvertJob>> ListJobsAsync(CancellationToken cancellationToken) =>
        JobsAsync("/2017-08-29/jobs?maxResults=1", cancellationToken);

    private async Task<List<MediaConvertJob>> JobsAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(path, cancellationToken);
        return (await ReadAsync<JobsAnswer>(answer, cancellationToken)).Jobs ?? [];
    }

    private static string Path(string id) => $"/2017-08-29/jobs/{Uri.EscapeDataString(id)}";

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await AwsServiceException.ThrowUnlessSuccessAsync("MediaConvert", answer, cancellationToken);
        return await answer.Content.ReadFromJsonAsync<T>(Json, cancellationToken) ?? throw new JsonException("MediaConvert answered null.");
    }

    private sealed record JobAnswer(MediaConvertJob Job);

    private sealed record JobsAnswer(List<MediaConvertJob>? Jobs);
}
