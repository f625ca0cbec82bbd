using System.Collections.Concurrent;
using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace BlazorTranscode.Tests.Storage;

/// <content>
/// Multipart uploads. The rules are those of Amazon's S3 model and of what its users report: aws-sdk-go-v2#3005, aws-sdk-java-v2#6518,
/// opendal#4533, opendal#4580.
/// </content>
internal sealed partial class AmazonS3Stub
{
    private const int LeastPart = 5 * 1024 * 1024;
    private const string Sum = "x-amz-checksum-";

    private readonly ConcurrentDictionary<string, Begun> _uploads = new();

    private async Task AnswerUploadAsync(HttpContext context, string key, byte[] body)
    {
        var request = context.Request;
        if (request.Query.ContainsKey("uploads"))
        {
            await (HttpMethods.IsPost(request.Method) ? CreateAsync(context, key) : ListUploadsAsync(context));
            return;
        }

        var id = request.Query["uploadId"].ToString();
        if (!_uploads.TryGetValue(id, out var upload))
            throw new Refusal(404, "NoSuchUpload", "The specified upload does not exist.");
        switch (request.Method)
        {
            case "PUT":
                context.Response.Headers.ETag = Put(upload, request, body);
                break;
            case "GET":
                await WriteAsync(context, new XElement("ListPartsResult", new XElement("IsTruncated", false), upload.Parts.OrderBy(p => p.Key).Select(p =>
                    new XElement("Part", new XElement("PartNumber", p.Key), new XElement("ETag", p.Value.Stored.Tag), new XElement("Size", p.Value.Stored.Bytes.Length), Moment("LastModified")))));
                break;
            case "POST":
                Complete(upload, XElement.Parse(System.Text.Encoding.UTF8.GetString(body)));
                _uploads.TryRemove(id, out _);
                await WriteAsync(context, new XElement("CompleteMultipartUploadResult", new XElement("Key", key), new XElement("ETag", _objects[key].Tag)));
                break;
            default:
                _uploads.TryRemove(id, out _);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
        }
    }

    private Task CreateAsync(HttpContext context, string key)
    {
        var id = Guid.NewGuid().ToString("N");
        _uploads[id] = new(key, context.Request.Headers[$"{Sum}algorithm"].FirstOrDefault()?.ToLowerInvariant());
        return WriteAsync(context, new XElement("InitiateMultipartUploadResult", new XElement("Key", key), new XElement("UploadId", id)));
    }

    private Task ListUploadsAsync(HttpContext context)
    {
        var prefix = context.Request.Query["prefix"].ToString();
        return WriteAsync(context, new XElement("ListMultipartUploadsResult", new XElement("IsTruncated", false), _uploads
            .Where(u => u.Value.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(u => new XElement("Upload", new XElement("Key", u.Value.Key), new XElement("UploadId", u.Key), Moment("Initiated")))));
    }

    private static string Put(Begun upload, HttpRequest request, byte[] body)
    {
        CheckBody(request, body);
        var named = request.Headers.Keys.Select(name => name.ToLowerInvariant())
            .Where(name => name.StartsWith(Sum, StringComparison.Ordinal) && name is not ($"{Sum}algorithm" or $"{Sum}type" or $"{Sum}mode"))
            .Select(name => name[Sum.Length..]).SingleOrDefault();
        if (upload.Algorithm is not null && named is not null && named != upload.Algorithm)
            throw new Refusal(400, "InvalidRequest", $"Checksum Type mismatch occurred, expected checksum Type: {upload.Algorithm}, actual checksum Type: {named}");
        var part = new Part(new(body), named ?? upload.Algorithm, named is null ? null : request.Headers[$"{Sum}{named}"].ToString());
        upload.Parts[int.Parse(request.Query["partNumber"].ToString(), CultureInfo.InvariantCulture)] = part;
        return part.Stored.Tag;
    }

    private void Complete(Begun upload, XElement order)
    {
        List<byte[]> bytes = [];
        var wanted = order.Elements().Where(e => e.Name.LocalName == "Part").ToList();
        foreach (var (index, element) in wanted.Index())
        {
            var number = int.Parse(Of("PartNumber")!, CultureInfo.InvariantCulture);
            if (!upload.Parts.TryGetValue(number, out var part) || Of("ETag")?.Trim('"') != part.Stored.Tag.Trim('"'))
                throw NoPart();
            var sum = part.Algorithm is null ? null : Of($"Checksum{part.Algorithm.ToUpperInvariant()}");
            if (upload.Algorithm is not null && sum is null)
            {
                throw new Refusal(
                    400, "InvalidRequest", $"The upload was created using a {upload.Algorithm} checksum. The complete request must include the checksum for each part. It was missing for part {number} in the request.");
            }

            if (part.Algorithm is not null && (sum is null || (part.Sum is not null && part.Sum != sum)))
                throw NoPart();
            if (index < wanted.Count - 1 && part.Stored.Bytes.Length < LeastPart)
                throw new Refusal(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
            bytes.Add(part.Stored.Bytes);

            string? Of(string name) => element.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value;
        }

        _objects[upload.Key] = new([.. bytes.SelectMany(b => b)]);
    }

    private static Refusal NoPart() => new(
        400, "InvalidPart", "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.");

    /// <param name="Key">What it will be.</param>
    /// <param name="Algorithm">The checksum that was named when it was created.</param>
    private sealed record Begun(string Key, string? Algorithm)
    {
        public ConcurrentDictionary<int, Part> Parts { get; } = new();
    }

    /// <param name="Stored">Its bytes.</param>
    /// <param name="Algorithm">The checksum that the part has; the upload's where the part came without one.</param>
    /// <param name="Sum">What it came with.</param>
    private sealed record Part(Stored Stored, string? Algorithm, string? Sum);
}
