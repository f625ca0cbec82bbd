namespace BlazorTranscode.Messages;

/// <summary>
/// The doorbell: says that a person's mailbox has reached a version, and nothing else. It may ring late, twice or not at all;
/// whoever hears it asks the database, as themselves.
/// </summary>
internal sealed partial class MessageFeed(ILogger<MessageFeed> logger) : UserFeed<long>
{
    /// <summary>Call after the commit that raised the mailbox to <paramref name="version"/>.</summary>
    public void Ring(string userId, long version) => Publish(userId, version);

    protected override void HandlerFailed(Exception exception) => LogHandlerFailed(exception);

    [LoggerMessage(LogLevel.Error, "A subscriber of the message feed failed")]
    private partial void LogHandlerFailed(Exception exception);
}
