using System.Net;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>One block over and over, so that a large body takes no memory.</summary>
internal sealed class RepeatedContent(byte[] block, int times) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        for (var i = 0; i < times; i++)
            await stream.WriteAsync(block);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = (long)block.Length * times;
        return true;
    }
}
