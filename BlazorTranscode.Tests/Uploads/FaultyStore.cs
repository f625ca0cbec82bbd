using System.Reflection;
using BlazorTranscode.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Uploads;

/// <summary>A local store that fails where a test wants it to, or answers in another way.</summary>
public class FaultyStore : DispatchProxy
{
    private Func<string, object?> _fault = _ => null;
    private IMediaStore _store = null!;

    /// <summary>Puts it in front of the app's own store.</summary>
    /// <param name="fault">Is given the name of the method that was called, and throws, or returns what is answered instead; null lets the call pass.</param>
    internal static Action<IServiceCollection> With(Func<string, object?> fault) => services => services.AddSingleton(provider =>
    {
        var proxy = Create<IMediaStore, FaultyStore>();
        var faulty = (FaultyStore)proxy;
        (faulty._fault, faulty._store) = (fault, ActivatorUtilities.CreateInstance<LocalMediaStore>(provider));
        return proxy;
    });

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        try
        {
            return _fault(targetMethod!.Name) ?? targetMethod.Invoke(_store, args);
        }
        catch (TargetInvocationException e)
        {
            throw e.InnerException!;
        }
    }
}
