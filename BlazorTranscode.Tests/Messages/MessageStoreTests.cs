using BlazorTranscode.Messages;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace BlazorTranscode.Tests.Messages;

public sealed class MessageStoreTests : IDisposable
{
    private readonly TestDatabase _database = new();
    private readonly MessageFeed _feed = new(NullLogger<MessageFeed>.Instance);
    private readonly MessageStore _store;

    public MessageStoreTests() => _store = new(_database, _feed, TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task MarkRead_OwnMessage_IsGoneFromUnreadAndRingsWithANewVersion()
    {
        var message = await SendAsync("anna");
        List<long> rings = [];
        using var listening = _feed.Subscribe("anna", rings.Add);

        await _store.MarkReadAsync("anna", message.Id, Token);

        Assert.Empty((await _store.UnreadAsync("anna", Token)).Messages);
        Assert.Equal([2], rings);
        var change = Assert.Single((await _store.ChangesAsync("anna", 1, Token)).Messages);
        Assert.NotNull(change.ReadAt);
    }

    [Fact]
    public async Task MarkRead_Twice_ChangesAndRingsOnce()
    {
        var message = await SendAsync("anna");
        await _store.MarkReadAsync("anna", message.Id, Token);
        List<long> rings = [];
        using var listening = _feed.Subscribe("anna", rings.Add);

        await _store.MarkReadAsync("anna", message.Id, Token);

        Assert.Empty(rings);
        Assert.Equal(2, (await _store.UnreadAsync("anna", Token)).Version);
    }

    [Fact]
    public async Task MarkRead_SomebodyElsesMessage_ChangesNothing()
    {
        var message = await SendAsync("anna");

        await _store.MarkReadAsync("ben", message.Id, Token);

        Assert.Single((await _store.UnreadAsync("anna", Token)).Messages);
    }

    [Fact]
    public async Task MarkUnread_AfterRead_ComesBack()
    {
        var message = await SendAsync("anna");
        await _store.MarkReadAsync("anna", message.Id, Token);

        await _store.MarkUnreadAsync("anna", message.Id, Token);

        Assert.Single((await _store.UnreadAsync("anna", Token)).Messages);
    }

    [Fact]
    public async Task Add_SameJobAndKindTwice_IsRefused()
    {
        var first = await SendAsync("anna");
        var second = SampleRows.NewMessage("anna");
        await using var db = _database.CreateDbContext();
        db.Add(new Message
        {
            Id = second.Id, OwnerId = "anna", Kind = first.Kind, Text = "again", FileId = first.FileId, JobId = first.JobId, CreatedAt = second.CreatedAt,
        });

        await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync(Token));
    }

    [Fact]
    public async Task RemoveForFile_TakesTheMessageFromUnreadAndHistory()
    {
        var message = await SendAsync("anna");
        await using (var db = _database.CreateDbContext())
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Token);
            await _store.RemoveForFileAsync(db, "anna", message.FileId, Token);
            await transaction.CommitAsync(Token);
        }

        Assert.Empty((await _store.UnreadAsync("anna", Token)).Messages);
        Assert.Empty(await _store.PageAsync("anna", 0, 10, Token));
        Assert.NotNull(Assert.Single((await _store.ChangesAsync("anna", 1, Token)).Messages).RemovedAt);
    }

    [Fact]
    public async Task Changes_WhileManyWrite_MissNothing()
    {
        // A reader that only ever asks for what came after its version must end with exactly what was written.
        const int writers = 6, each = 20;
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
                await SendAsync("anna");
        }, Token)));
        var seen = 0L;
        var heard = new HashSet<Guid>();
        while (seen < writers * each)
        {
            var done = writing.IsCompleted;
            var changes = await _store.ChangesAsync("anna", seen, Token);
            heard.UnionWith(changes.Messages.Select(m => m.Id));
            seen = changes.Version;
            if (done && changes.Messages.Count == 0)
                break;
        }

        await writing;
        Assert.Equal(writers * each, heard.Count);
        Assert.Equal(writers * each, seen);
    }

    private async Task<Message> SendAsync(string ownerId)
    {
        await using var db = _database.CreateDbContext();
        return await db.SendAsync(_feed, SampleRows.NewMessage(ownerId));
    }
}
