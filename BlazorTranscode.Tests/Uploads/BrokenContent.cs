using System.Net;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>A body that promises all of it, sends some, waits for the test's word, and then breaks the connection or goes on.</summary>
internal sealed class BrokenContent(byte[] bytes, int pauseAt) : HttpContent
{
    private readonly TaskCompletionSource _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Cut() => _decided.TrySetException(new IOException("The connection was cut."));

    public void GoOn() => _decided.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(bytes.AsMemory(0, pauseAt));
        await stream.FlushAsync();
        await _decided.Task;
        await stream.WriteAsync(bytes.AsMemory(pauseAt));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }
}
