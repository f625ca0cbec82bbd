using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace BlazorTranscode.Tests.Webhooks;

/// <summary>Lets no transaction begin while it is closed, for as long as a test needs; who waits for a lock of SQLite gives up after a few seconds.</summary>
internal sealed class TransactionGate : DbTransactionInterceptor
{
    private volatile TaskCompletionSource? _closed;

    public void Close() => _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => Interlocked.Exchange(ref _closed, null)?.SetResult();

    public override async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
    {
        if (_closed is { } closed)
            await closed.Task.WaitAsync(cancellationToken);
        return result;
    }
}
