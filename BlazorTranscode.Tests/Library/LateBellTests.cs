using BlazorTranscode.Library;
using Microsoft.Extensions.Time.Testing;

namespace BlazorTranscode.Tests.Library;

public sealed class LateBellTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Bell_RingsOnce_WhenTheFirstIsLate()
    {
        var rings = 0;
        using var bell = new LateBell(_time, () => rings++);
        bell.SetFor([Item(900), Item(60), Item(30, isLate: true), Item(null)]);

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, rings);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, rings);
    }

    [Fact]
    public void Bell_WithNothingToWaitForAnyMore_IsSilent()
    {
        var rings = 0;
        using var bell = new LateBell(_time, () => rings++);
        bell.SetFor([Item(60)]);

        bell.SetFor([]);

        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, rings);
    }

    [Fact]
    public void Bell_SetTooLate_RingsAllTheSame()
    {
        var rings = 0;
        using var bell = new LateBell(_time, () => rings++);

        bell.SetFor([Item(-60)]);

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, rings);
    }

    private LibraryItem Item(int? lateIn, bool isLate = false) => new(
        Guid.NewGuid(), "song.mp3", 1, null, default, Guid.NewGuid(), FileState.Running, null, null,
        lateIn is { } seconds ? new(TimeSpan.FromSeconds(10), _time.GetUtcNow().AddSeconds(seconds), isLate) : null);
}
