using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using BlazorTranscode.Data;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace BlazorTranscode.Storage;

/// <summary>
/// A folder. What arrives grows in <c>incoming/KEY.HANDLE.part</c> and is renamed to <c>objects/KEY</c> when it is whole. The length of
/// the part is the offset: it needs no second record, and the file system never shows more length than it has bytes, also after a crash.
/// </summary>
internal sealed partial class LocalMediaStore : IMediaStore
{
    // The server hands bodies over in blocks of 4 KiB. One gathering write for many of them costs little more than one for each.
    private const int Gather = 256 * 1024;
    private const string PartEnd = ".part";

    private readonly string _root;
    private readonly string _objects;
    private readonly string _incoming;
    private readonly DiskRoom _room;
    private readonly TimeProvider _time;

    // By key: what is set aside for objects that are still arriving.
    private readonly ConcurrentDictionary<string, ReservedRoom> _arriving = new();

    public LocalMediaStore(IOptions<DataOptions> data, DiskRoom room, TimeProvider time)
    {
        (_root, _room, _time) = (data.Value.Media, room, time);
        _objects = Directory.CreateDirectory(Path.Combine(_root, "objects")).FullName;
        _incoming = Directory.CreateDirectory(Path.Combine(_root, "incoming")).FullName;
    }

    public long? FreeSpace => _room.Unreserved(_root);

    public Task<string> BeginAsync(string key, CancellationToken cancellationToken)
    {
        var handle = Guid.NewGuid().ToString("N");
        var part = PartOf(key, handle);
        WhereRoomIs(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(part)!);
            File.OpenHandle(part, FileMode.CreateNew, FileAccess.Write).Dispose();
        });
        return Task.FromResult(handle);
    }

    public async Task<string> BeginAsync(string key, long length, CancellationToken cancellationToken)
    {
        _arriving.GetOrAdd(key, _ => _room.Reserve(_root, length));
        try
        {
            return await BeginAsync(key, cancellationToken);
        }
        catch
        {
            Release(key);
            throw;
        }
    }

    public void Resume(string key, string? handle, long length)
    {
        var arrived = handle is not null && new FileInfo(PartOf(key, handle)) is { Exists: true } part ? part.Length : 0;
        var room = _room.Restore(_root, length - arrived);
        if (!_arriving.TryAdd(key, room))
            room.Dispose();
    }

    public Task<long> OffsetAsync(string key, string handle, CancellationToken cancellationToken)
    {
        var part = new FileInfo(PartOf(key, handle));
        return Task.FromResult(part.Exists ? part.Length : new FileInfo(Existing(key)).Length);
    }

    public async Task<long> AppendAsync(string key, string handle, long offset, PipeReader body, long limit, CancellationToken cancellationToken)
    {
        using var part = File.OpenHandle(PartOf(key, handle), FileMode.Open, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset, RandomAccess.GetLength(part));
        var end = offset + limit;
        while (offset < end)
        {
            var read = await body.ReadAtLeastAsync((int)Math.Min(Gather, end - offset), cancellationToken);
            var bytes = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, end - offset));
            var taken = bytes.Start;
            try
            {
                await WriteAsync(key, part, bytes, offset, cancellationToken);
                taken = bytes.End;
                offset += bytes.Length;
            }
            finally
            {
                // Also after a failure: a reader left in the middle of a read would cost the connection, and with it the answer.
                body.AdvanceTo(taken);
            }

            if (read.IsCompleted && bytes.Length == read.Buffer.Length)
                break;
        }

        return offset;
    }

    public Task<Stream?> OpenUnfinishedAsync(string key, string handle, long offset, CancellationToken cancellationToken) =>
        Task.FromResult<Stream?>(new FileStream(PartOf(key, handle), new FileStreamOptions
        {
            Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous, BufferSize = 0,
        })
        {
            Position = offset,
        });

    public async Task CompleteAsync(string key, string handle, long length, CancellationToken cancellationToken)
    {
        var found = await OffsetAsync(key, handle, cancellationToken);
        if (found != length)
            throw new IncompleteObjectException(key, found, length);
        try
        {
            Publish(PartOf(key, handle), key);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            Existing(key); // Done before, or by somebody else at this moment.
        }

        Release(key);
    }

    public Task AbortAsync(string key, string handle, CancellationToken cancellationToken)
    {
        var part = PartOf(key, handle);
        if (File.Exists(part))
            File.Delete(part);
        Release(key);
        return Task.CompletedTask;
    }

    public async Task ImportAsync(string key, string path, CancellationToken cancellationToken)
    {
        // By way of incoming, because a move from another disk is a copy, which must not be seen half done.
        using var copy = Disk.Of(Path.GetDirectoryName(path)!) == Disk.Of(_root) ? null : _room.Reserve(_root, new FileInfo(path).Length);
        var handle = await BeginAsync(key, cancellationToken);
        try
        {
            WhereRoomIs(() => File.Move(path, PartOf(key, handle), overwrite: true));
            Publish(PartOf(key, handle), key);
        }
        catch
        {
            await AbortAsync(key, handle, CancellationToken.None);
            throw;
        }
    }

    private void Release(string key)
    {
        if (_arriving.TryRemove(key, out var room))
            room.Dispose();
    }

    private async Task WriteAsync(string key, SafeFileHandle file, ReadOnlySequence<byte> bytes, long offset, CancellationToken cancellationToken)
    {
        // Also with room set aside: another program may have filled the disk meanwhile.
        var reserved = _arriving.GetValueOrDefault(key);
        if ((reserved is null ? _room.Unreserved(_root) : _room.Unused(_root)) < bytes.Length)
            throw new StorageFullException();
        List<ReadOnlyMemory<byte>> blocks = [.. bytes];
        try
        {
            await RandomAccess.WriteAsync(file, blocks, offset, cancellationToken);
            reserved?.Wrote(bytes.Length);
        }
        catch (IOException e) when (StorageFullException.IsFull(e))
        {
            throw new StorageFullException(e);
        }
    }
}
