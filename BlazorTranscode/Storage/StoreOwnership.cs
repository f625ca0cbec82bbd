using BlazorTranscode.Data;
using Microsoft.EntityFrameworkCore;

namespace BlazorTranscode.Storage;

/// <summary>Whether the media store belongs to this database.</summary>
internal enum StoreState
{
    /// <summary>It has not answered yet.</summary>
    NotKnown,

    /// <summary>Both have the same id.</summary>
    Ours,

    /// <summary>It holds what this database does not know, or has another id.</summary>
    Foreign,

    /// <summary>The database has files, and the store is empty and has no id: most likely another folder or bucket is meant.</summary>
    Missing,
}

/// <summary>
/// A database and its media store have the same id. Where they have not, nothing is deleted and nothing new is stored, because a
/// database that is new, old or somebody else's does not know what the store's objects are for.
/// </summary>
/// <remarks>
/// A store without an id is taken by itself if it is empty and the database has no files, or if it holds one of the objects that rows
/// name: keys are random, so nobody else made it. A store with another id is never taken by itself, because a live app may own it. The
/// one exception is the id that this data folder had before, which a database from before that time does not know.
/// </remarks>
internal sealed partial class StoreOwnership(
    IDbContextFactory<AppDbContext> databases, IMediaStore store, NamedKeys named, InstallationFile file, ILogger<StoreOwnership> logger) : IDisposable
{
    private readonly SemaphoreSlim _looking = new(1, 1);
    private volatile StoreState _state;
    private volatile bool _silent;

    public StoreState State => _state;

    public bool IsOurs => _state == StoreState.Ours;

    /// <summary>Whether there was no object in it when it was first seen; null before that.</summary>
    public bool? WasEmpty { get; private set; }

    /// <summary>What is wrong, in a sentence for anybody; null while all is well.</summary>
    public string? Problem => _state switch
    {
        StoreState.Ours => null,
        StoreState.NotKnown => "The media store does not answer, so it is not known yet whether it belongs to this database.",
        StoreState.Foreign => "The media store belongs to another database, or to an earlier state of this one. Nothing is deleted and nothing new is stored until an administrator adopts it.",
        _ => "This database has files, but its media store is empty. Nothing new is stored until the right store is there or an administrator adopts this one.",
    };

    /// <summary>Looks again. A store that does not answer leaves what was known before.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            WasEmpty ??= await IsEmptyAsync(cancellationToken);
            Become(await DecideAsync(db, cancellationToken));
            _silent = false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (!_silent)
                LogNoAnswer(e);
            _silent = true;
        }
        finally
        {
            _looking.Release();
        }
    }

    /// <summary>
    /// Why nothing may be stored at the moment; null if it may. Waits for the first look. After one that failed it looks again, unless
    /// another look is under way: requests do not queue up behind a store that does not answer.
    /// </summary>
    public async ValueTask<string?> RefusalAsync(CancellationToken cancellationToken)
    {
        if (_state == StoreState.NotKnown && !_silent)
        {
            await _looking.WaitAsync(cancellationToken);
            _looking.Release();
        }

        if (_state == StoreState.NotKnown && _looking.CurrentCount > 0)
            await LookAsync(cancellationToken);
        return Problem;
    }

    /// <summary>Gives both a new id, so that another app that has this store notices. For an administrator who says so.</summary>
    public async Task AdoptAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            Become(await TakeAsync(db, Guid.NewGuid(), cancellationToken));
        }
        finally
        {
            _looking.Release();
        }
    }

    public void Dispose() => _looking.Dispose();

    private async Task<StoreState> DecideAsync(AppDbContext db, CancellationToken cancellationToken)
    {
        var id = await db.Installations.Select(i => i.StoreId).SingleAsync(cancellationToken);
        var mark = await ReadMarkAsync(cancellationToken);
        if (id is not null && mark == id)
            return StoreState.Ours;
        if (mark is not null && (id is not null || mark != file.Read().StoreId))
            return StoreState.Foreign;

        var sample = await named.SampleAsync(db, cancellationToken);
        var isEmpty = await IsEmptyAsync(cancellationToken);
        if (isEmpty ? sample.Count > 0 : !await HoldsAnyAsync(sample, cancellationToken))
            return isEmpty ? StoreState.Missing : StoreState.Foreign;
        return await TakeAsync(db, mark ?? id ?? Guid.NewGuid(), cancellationToken);
    }

    /// <summary>The database first: a death in between leaves a store that is taken again.</summary>
    private async Task<StoreState> TakeAsync(AppDbContext db, Guid id, CancellationToken cancellationToken)
    {
        await db.Installations.ExecuteUpdateAsync(set => set.SetProperty(i => i.StoreId, id), cancellationToken);
        if (await ReadMarkAsync(cancellationToken) != id)
            await store.WriteMarkAsync($"{id}\n", cancellationToken);
        file.Write(storeId: id);
        LogTaken(id);
        return StoreState.Ours;
    }

    /// <summary>The empty id stands for a mark that cannot be read: it is nobody's, and certainly not ours.</summary>
    private async Task<Guid?> ReadMarkAsync(CancellationToken cancellationToken) =>
        await store.ReadMarkAsync(cancellationToken) is not { } text ? null : Guid.TryParse(text.Trim(), out var id) ? id : Guid.Empty;

    private async Task<bool> IsEmptyAsync(CancellationToken cancellationToken) => !await store.ListAsync(cancellationToken).AnyAsync(cancellationToken);

    private async Task<bool> HoldsAnyAsync(List<string> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
        {
            try
            {
                await (await store.OpenAsync(key, cancellationToken)).DisposeAsync();
                return true;
            }
            catch (FileNotFoundException)
            {
                // The next one may be there.
            }
        }

        return false;
    }

    internal void Become(StoreState state)
    {
        var changed = state != _state;
        _state = state;
        if (changed && Problem is { } problem)
            LogNotOurs(problem);
    }

    [LoggerMessage(LogLevel.Information, "The media store and this database now have the id {StoreId}")]
    private partial void LogTaken(Guid storeId);

    [LoggerMessage(LogLevel.Error, "{Problem} Administration, Storage shows what is there")]
    private partial void LogNotOurs(string problem);

    [LoggerMessage(LogLevel.Warning, "The media store could not be asked whether it belongs to this database; it is asked again every minute")]
    private partial void LogNoAnswer(Exception exception);
}
