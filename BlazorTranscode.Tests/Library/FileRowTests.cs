using BlazorTranscode.Library;
using Bunit;

namespace BlazorTranscode.Tests.Library;

public sealed class FileRowTests : BunitContext
{
    private static readonly LibraryItem Item =
        new(Guid.NewGuid(), "song.mp3", 3_400_000, TimeSpan.FromSeconds(185), DateTimeOffset.UnixEpoch, Guid.NewGuid(), FileState.Running, null, null);

    public FileRowTests() => ComponentFactories.AddStub<FileActions>();

    [Fact]
    public void Row_TakesPartInARender_OnlyIfItLooksDifferent()
    {
        var row = Render<FileRow>(p => p.Add(r => r.Item, Item).Add(r => r.Progress, 0.1));

        row.Render(p => p.Add(r => r.Item, Item with { }).Add(r => r.Progress, 0.1));
        Assert.Equal(1, row.RenderCount);

        row.Render(p => p.Add(r => r.Item, Item).Add(r => r.Progress, 0.2));
        Assert.True(row.RenderCount > 1);
    }

    [Fact]
    public void Row_SaysSizeAndLength() =>
        Assert.StartsWith("3.2 MiB · 3:05", Render<FileRow>(p => p.Add(r => r.Item, Item)).Find(".secondary").TextContent.Trim(), StringComparison.Ordinal);

    [Fact]
    public void FailedRow_SaysWhy()
    {
        var row = Render<FileRow>(p => p.Add(r => r.Item, Item with { State = FileState.Failed, Reason = "This is not audio." }));

        Assert.Equal("This is not audio.", row.Find(".reason").TextContent);
    }
}
