using Amazon.Runtime;

namespace BlazorTranscode.Aws;

/// <summary>
/// Signs each request that passes. It stands inside the handler that retries, so every try is signed anew, with the credentials and the
/// time of that moment. A machine whose clock is wrong is told so by AWS; the difference is kept, and the request signed once more.
/// </summary>
internal sealed class SigningHandler(string service, string region, Func<Task<ImmutableCredentials>> credentials, TimeProvider time) : DelegatingHandler
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(4);

    private static readonly string[] ClockFaults =
        ["RequestTimeTooSkewed", "RequestExpired", "InvalidSignatureException", "SignatureDoesNotMatch", "RequestInTheFuture"];

    private TimeSpan _skew;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await SignAsync(request, cancellationToken);
        var answer = await base.SendAsync(request, cancellationToken);
        if (await IsClockFaultAsync(answer, cancellationToken) && answer.Headers.Date is { } theirs && (theirs - time.GetUtcNow() - _skew).Duration() > Tolerance)
        {
            _skew = theirs - time.GetUtcNow();
            answer.Dispose();
            await SignAsync(request, cancellationToken);
            answer = await base.SendAsync(request, cancellationToken);
        }

        return answer;
    }

    private async Task SignAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var key = await credentials();
        var body = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken) : [];
        var date = SignatureV4.Date(time.GetUtcNow() + _skew);
        var uri = request.RequestUri!;
        Dictionary<string, string> headers = new()
        {
            ["host"] = uri.IsDefaultPort ? uri.Host : uri.Authority, ["x-amz-date"] = date, ["x-amz-content-sha256"] = SignatureV4.Hash(body),
        };
        if (key.UseToken)
            headers["x-amz-security-token"] = key.Token;
        foreach (var (name, value) in headers.Where(h => h.Key is not "host"))
        {
            request.Headers.Remove(name);
            request.Headers.Add(name, value);
        }

        if (request.Content?.Headers.ContentType is { } type)
            headers["content-type"] = type.ToString();
        var authorization = SignatureV4.Authorization(
            request.Method.Method, uri.AbsolutePath, uri.Query.TrimStart('?'), headers, headers["x-amz-content-sha256"],
            new(date[..8], region, service), date, key.AccessKey, key.SecretKey);
        request.Headers.Remove("Authorization");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
    }

    private static async Task<bool> IsClockFaultAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if ((int)answer.StatusCode is not (400 or 403))
            return false;
        // Kept in memory, so that whoever asked can read it again.
        await answer.Content.LoadIntoBufferAsync(cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken) + string.Join(' ', answer.Headers.TryGetValues("x-amzn-ErrorType", out var types) ? types : []);
        return ClockFaults.Any(fault => text.Contains(fault, StringComparison.Ordinal));
    }
}
