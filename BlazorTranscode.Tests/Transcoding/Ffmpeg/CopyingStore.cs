using System.Reflection;
using BlazorTranscode.Storage;

namespace BlazorTranscode.Tests.Transcoding.Ffmpeg;

/// <summary>A store whose objects are elsewhere, as in a bucket.</summary>
public class CopyingStore : DispatchProxy
{
    private LocalMediaStore _store = default!;

    public static int Copies { get; private set; }

    internal static IMediaStore InFrontOf(IMediaStore store)
    {
        var proxy = Create<IMediaStore, CopyingStore>();
        ((CopyingStore)(object)proxy)._store = (LocalMediaStore)store;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case "get_FetchCopies":
                return true;
            case "FetchAsync":
                Copies++;
                return CopyAsync((string)args![0]!, (string)args[1]!);
            default:
                return targetMethod.Invoke(_store, args);
        }
    }

    private async Task<string> CopyAsync(string key, string folder)
    {
        var path = Path.Combine(folder, "copy");
        File.Copy(await _store.FetchAsync(key, folder, TestContext.Current.CancellationToken), path);
        return path;
    }
}
