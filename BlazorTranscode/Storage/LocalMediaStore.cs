using System.Buffers;
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
    private readonly StorageOptions _options;
    private readonly TimeProvider _time;
    private readonly DriveInfo _drive;

    public LocalMediaStore(IOptions<DataOptions> data, IOptions<StorageOptions> options, TimeProvider time)
    {
        (_root, _options, _time) = (data.Value.Media, options.Value, time);
        _objects = Directory.CreateDirectory(Path.Combine(_root, "objects")).FullName;
        _incoming = Directory.CreateDirectory(Path.Combine(_root, "incoming")).FullName;
        _drive = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(_root)! : _root);
    }

    public long? FreeSpace => Math.Max(0, _drive.AvailableFreeSpace - _options.ReserveBytes);

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

    public Task<long> OffsetAsync(string key, string handle, CancellationToken cancellationToken)
    {
        var part = new FileInfo(PartOf(key, handle));
        return Task.FromResult(part.Exists ? part.Length : new FileInfo(ObjectOf(key)).Length);
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
                await WriteAsync(part, bytes, offset, cancellationToken);
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
    }

    public Task AbortAsync(string key, string handle, CancellationToken cancellationToken)
    {
        var part = PartOf(key, handle);
        if (File.Exists(part))
            File.Delete(part);
        return Task.CompletedTask;
    }

    public async Task ImportAsync(string key, string path, CancellationToken cancellationToken)
    {
        // By way of incoming, because a move from another disk is a copy, which must not be seen half done.
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

    private async Task WriteAsync(SafeFileHandle file, ReadOnlySequence<byte> bytes, long offset, CancellationToken cancellationToken)
    {
        if (FreeSpace < bytes.Length)
            throw new StorageFullException();
        List<ReadOnlyMemory<byte>> blocks = [.. bytes];
        try
        {
            await RandomAccess.WriteAsync(file, blocks, offset, cancellationToken);
        }
        catch (IOException e) when (StorageFullException.IsFull(e))
        {
            throw new StorageFullException(e);
        }
    }
}
