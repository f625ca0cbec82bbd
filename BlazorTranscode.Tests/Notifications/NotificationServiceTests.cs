using BlazorTranscode.Messages;
using BlazorTranscode.Notifications;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;

namespace BlazorTranscode.Tests.Notifications;

public sealed class NotificationServiceTests : IDisposable
{
    private readonly TestDatabase _database = new();
    private readonly MessageFeed _feed = new(NullLogger<MessageFeed>.Instance);
    private readonly MessageStore _store;

    public NotificationServiceTests() => _store = new(_database, _feed, TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task ARing_ShowsTheMessageInEveryTabOfItsOwnerAndInNobodyElses()
    {
        using var first = await OpenAsync("anna");
        using var second = await OpenAsync("anna");
        using var other = await OpenAsync("ben");

        var message = await SendAsync("anna");

        await Eventually.TrueAsync(() => Ids(first).Contains(message.Id) && Ids(second).Contains(message.Id));
        Assert.Empty(other.Unread);
    }

    [Fact]
    public async Task Close_InOneTab_TakesItFromTheOther()
    {
        var message = await SendAsync("anna");
        using var first = await OpenAsync("anna");
        using var second = await OpenAsync("anna");
        Assert.Equal([message.Id], Ids(second));

        await first.CloseAsync(message.Id, Token);

        Assert.Empty(first.Unread);
        await Eventually.TrueAsync(() => second.Unread.Count == 0);
    }

    [Fact]
    public async Task Asleep_CostsNothingAndCatchesUpWhenItWakes()
    {
        using var tab = await OpenAsync("anna");
        var first = await SendAsync("anna");
        await Eventually.TrueAsync(() => Ids(tab).Contains(first.Id)); // by now it has read what it began to listen with
        tab.Sleep();
        Assert.Empty(_feed.Users);
        var message = await SendAsync("anna");
        Assert.Equal([first.Id], Ids(tab));

        tab.Wake();

        await Eventually.TrueAsync(() => Ids(tab).Contains(message.Id));
    }

    [Fact]
    public async Task ALostRing_IsHealedByTheSweep()
    {
        using var tab = await OpenAsync("anna");
        var silent = new MessageFeed(NullLogger<MessageFeed>.Instance);
        await using (var db = _database.CreateDbContext())
            await db.SendAsync(silent, SampleRows.NewMessage("anna"));
        var sweep = new MailboxSweep(_store, _feed, TimeProvider.System, NullLogger<MailboxSweep>.Instance);

        await sweep.SweepAsync(Token);

        await Eventually.TrueAsync(() => tab.Unread.Count == 1);
    }

    [Fact]
    public async Task AMessageBetweenLoadAndListen_IsNotMissed()
    {
        using var tab = new NotificationService(_store, _feed, NullLogger<NotificationService>.Instance);
        await tab.LoadAsync("anna", Token);
        await SendAsync("anna");

        tab.Listen("anna");

        await Eventually.TrueAsync(() => tab.Unread.Count == 1);
    }

    [Fact]
    public async Task NewsBeforeAComponentSubscribed_IsNotMissedByIt()
    {
        using var tab = await OpenAsync("anna");
        var rendered = tab.UnreadCount;
        await SendAsync("anna");
        await Eventually.TrueAsync(() => tab.UnreadCount == 1);

        tab.Changed += () => rendered = tab.UnreadCount;
        tab.Listen("anna");

        Assert.Equal(1, rendered);
    }

    [Fact]
    public async Task Dispose_LeavesNoSubscription()
    {
        var tab = await OpenAsync("anna");

        tab.Dispose();
        tab.Dispose();
        tab.Wake();

        Assert.Empty(_feed.Users);
    }

    [Fact]
    public async Task RecordShown_CountsEachTabOnce()
    {
        var message = await SendAsync("anna");
        using var first = await OpenAsync("anna");
        using var second = await OpenAsync("anna");

        await first.RecordShownAsync(first.Unread);
        await first.RecordShownAsync(first.Unread);
        await second.RecordShownAsync(second.Unread);

        var row = Assert.Single(await _store.PageAsync("anna", 0, 10, Token));
        Assert.Equal((message.Id, 2), (row.Id, row.ShownInTabs));
        Assert.NotNull(row.FirstShownAt);
    }

    private static IEnumerable<Guid> Ids(NotificationService tab) => tab.Unread.Select(m => m.Id);

    private async Task<NotificationService> OpenAsync(string userId)
    {
        var tab = new NotificationService(_store, _feed, NullLogger<NotificationService>.Instance);
        await tab.LoadAsync(userId, Token);
        tab.Listen(userId);
        return tab;
    }

    private async Task<Message> SendAsync(string ownerId)
    {
        await using var db = _database.CreateDbContext();
        return await db.SendAsync(_feed, SampleRows.NewMessage(ownerId));
    }
}
