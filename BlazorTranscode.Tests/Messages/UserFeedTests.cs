using BlazorTranscode.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace BlazorTranscode.Tests.Messages;

public sealed class UserFeedTests
{
    private readonly MessageFeed _feed = new(NullLogger<MessageFeed>.Instance);

    [Fact]
    public void Ring_ReachesOnlyTheSubscribersOfThatUser()
    {
        List<long> anna = [], ben = [];
        using var first = _feed.Subscribe("anna", anna.Add);
        using var second = _feed.Subscribe("ben", ben.Add);

        _feed.Ring("anna", 7);

        Assert.Equal([7], anna);
        Assert.Empty(ben);
    }

    [Fact]
    public void Ring_AThrowingSubscriberStopsNeitherThePublisherNorItsNeighbours()
    {
        List<long> heard = [];
        using var broken = _feed.Subscribe("anna", _ => throw new InvalidOperationException());
        using var sound = _feed.Subscribe("anna", heard.Add);

        _feed.Ring("anna", 1);

        Assert.Equal([1], heard);
    }

    [Fact]
    public void Dispose_TwiceOfOne_LeavesTheOtherAndThenNothing()
    {
        List<long> heard = [];
        var first = _feed.Subscribe("anna", _ => { });
        var second = _feed.Subscribe("anna", heard.Add);

        first.Dispose();
        first.Dispose();
        _feed.Ring("anna", 1);
        second.Dispose();

        Assert.Equal([1], heard);
        Assert.Empty(_feed.Users);
    }

    [Fact]
    public async Task SubscribeAndDispose_FromManyThreads_LeavesNobody()
    {
        await Parallel.ForAsync(0, 2_000, TestContext.Current.CancellationToken, (i, _) =>
        {
            using var subscription = _feed.Subscribe($"user{i % 3}", _ => { });
            return ValueTask.CompletedTask;
        });

        Assert.Empty(_feed.Users);
    }
}
