using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BlazorTranscode.Aws;

/// <summary>
/// The calls of Amazon Elastic Transcoder (API 2012-09-25) that this app makes; AWS itself answers them no more. It stands in for
/// <c>AmazonElasticTranscoderClient</c> of the package AWSSDK.ElasticTranscoder, which could not be restored when this was written, and
/// has its names, so that it can be swapped.
/// </summary>
internal sealed class ElasticTranscoderClient(HttpClient http)
{
    /// <summary>The service's name in signatures and host names.</summary>
    public const string Service = "elastictranscoder";

    private const string Version = "/2012-09-25";

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Places an order. The same order twice makes two jobs.</summary>
    /// <exception cref="AwsServiceException">The service said no.</exception>
    public async Task<ElasticTranscoderJob> CreateJobAsync(CreateElasticTranscoderJob request, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync($"{Version}/jobs", request, Json, cancellationToken);
        return (await ReadAsync<JobAnswer>(answer, cancellationToken)).Job;
    }

    /// <summary>One job, or null if there is none of this id.</summary>
    public async Task<ElasticTranscoderJob?> ReadJobAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync($"{Version}/jobs/{Uri.EscapeDataString(id)}", cancellationToken);
        return answer.StatusCode is HttpStatusCode.NotFound ? null : (await ReadAsync<JobAnswer>(answer, cancellationToken)).Job;
    }

    /// <summary>Stops a job that has not begun; harmless if it has, or there is none.</summary>
    public async Task CancelJobAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await http.DeleteAsync($"{Version}/jobs/{Uri.EscapeDataString(id)}", cancellationToken);
        if (answer.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict))
            await AwsServiceException.ThrowUnlessSuccessAsync("Elastic Transcoder", answer, cancellationToken);
    }

    /// <summary>The newest jobs of a pipeline, one page of them.</summary>
    public async Task<List<ElasticTranscoderJob>> ListJobsByPipelineAsync(string pipelineId, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync($"{Version}/jobsByPipeline/{Uri.EscapeDataString(pipelineId)}?Ascending=false", cancellationToken);
        return (await ReadAsync<JobsAnswer>(answer, cancellationToken)).Jobs ?? [];
    }

    public Task<List<ElasticTranscoderPipeline>> ListPipelinesAsync(CancellationToken cancellationToken) =>
        AllAsync<PipelinesAnswer, ElasticTranscoderPipeline>("pipelines", page => (page.Pipelines, page.NextPageToken), cancellationToken);

    public Task<List<ElasticTranscoderPreset>> ListPresetsAsync(CancellationToken cancellationToken) =>
        AllAsync<PresetsAnswer, ElasticTranscoderPreset>("presets", page => (page.Presets, page.NextPageToken), cancellationToken);

    private async Task<List<TItem>> AllAsync<TPage, TItem>(string what, Func<TPage, (List<TItem>? Items, string? Next)> take, CancellationToken cancellationToken)
    {
        List<TItem> all = [];
        string? next = null;
        do
        {
            var token = next is null ? "" : $"&PageToken={Uri.EscapeDataString(next)}";
            using var answer = await http.GetAsync($"{Version}/{what}?Ascending=true{token}", cancellationToken);
            (var items, next) = take(await ReadAsync<TPage>(answer, cancellationToken));
            all.AddRange(items ?? []);
        }
        while (!string.IsNullOrEmpty(next));
        return all;
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await AwsServiceException.ThrowUnlessSuccessAsync("Elastic Transcoder", answer, cancellationToken);
        return await answer.Content.ReadFromJsonAsync<T>(Json, cancellationToken) ?? throw new JsonException("Elastic Transcoder answered null.");
    }

    private sealed record JobAnswer(ElasticTranscoderJob Job);

    private sealed record JobsAnswer(List<ElasticTranscoderJob>? Jobs);

    private sealed record PipelinesAnswer(List<ElasticTranscoderPipeline>? Pipelines, string? NextPageToken);

    private sealed record PresetsAnswer(List<ElasticTranscoderPreset>? Presets, string? NextPageToken);
}
