using BlazorTranscode.Library;
using Bunit;

namespace BlazorTranscode.Tests.Library;

public sealed class FileStateViewTests : BunitContext
{
    private static readonly LibraryItem Item = new(Guid.NewGuid(), "song.mp3", 1, null, default, Guid.NewGuid(), FileState.Running, null, null);

    [Theory]
    [InlineData(1, "Next in line")]
    [InlineData(2, "2nd in line")]
    [InlineData(3, "3rd in line")]
    [InlineData(4, "4th in line")]
    [InlineData(11, "11th in line")]
    [InlineData(12, "12th in line")]
    [InlineData(13, "13th in line")]
    [InlineData(21, "21st in line")]
    [InlineData(112, "112th in line")]
    [InlineData(1223, "1223rd in line")]
    public void Queued_SaysItsPlace(int place, string words) =>
        Assert.Equal(words, Text(Item with { State = FileState.Queued, Place = place }));

    [Fact]
    public void Queued_WhileSomethingKeepsAllWaiting_SaysWhat() => Assert.Equal(
        "Waiting: nothing can be converted at the moment",
        Text(Item with { State = FileState.Queued, Place = 3, Waiting = "nothing can be converted at the moment" }));

    [Theory]
    [InlineData(null, "Converting")]
    [InlineData(0.0, "Converting, 0 %")]
    [InlineData(0.419, "Converting, 41 %")]
    [InlineData(0.999, "Converting, 99 %")]
    [InlineData(7.0, "Converting, 100 %")]
    public void Running_SaysHowFar(double? share, string words) => Assert.Equal(words, Text(Item, share));

    [Theory]
    [InlineData(null, false, "Converting, usually about 2 minutes")]
    [InlineData(null, true, "Converting, later than usual")]
    [InlineData(0.419, true, "Converting, 41 %")]
    public void Running_WithoutAShare_SaysWhatIsUsual(double? share, bool late, string words) =>
        Assert.Equal(words, Text(Item with { Expected = new(TimeSpan.FromSeconds(130), default, late) }, share));

    [Theory]
    [InlineData(FileState.Ready, "Ready")]
    [InlineData(FileState.ReadyWithWarning, "Ready, with a warning")]
    [InlineData(FileState.Failed, "Failed")]
    [InlineData(FileState.Cancelled, "Cancelled")]
    public void EveryEnd_HasAWordAndAnIcon(FileState state, string words)
    {
        var shown = Render<FileStateView>(p => p.Add(v => v.Item, Item with { State = state }));

        Assert.Equal(words, shown.Find("span").TextContent);
        Assert.NotNull(shown.Find("svg"));
    }

    private string Text(LibraryItem item, double? progress = null) =>
        Render<FileStateView>(p => p.Add(v => v.Item, item).Add(v => v.Progress, progress)).Find("span").TextContent;
}
