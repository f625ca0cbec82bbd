using BlazorTranscode.Benchmarks;

// One command per benchmark; each prints what it measured and how. None is a test: figures of a shared machine prove nothing in red or green.
switch (args)
{
    case ["ingest", .. var rest]:
        await IngestBenchmark.RunAsync(rest.Length > 0 ? int.Parse(rest[0], null) : 60_000, rest.Length > 1 ? int.Parse(rest[1], null) : 64);
        return 0;
    case ["s3-upload"]:
        await S3UploadBenchmark.RunAsync();
        return 0;
    case ["raw-server", var address]:
        await RawServer.RunAsync(address);
        return 0;
    default:
        Console.Error.WriteLine("Usage: BlazorTranscode.Benchmarks ingest [deliveries] [connections] | s3-upload");
        return 1;
}
