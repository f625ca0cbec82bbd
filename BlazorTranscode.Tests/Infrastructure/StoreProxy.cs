using System.Reflection;
using BlazorTranscode.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>The app's own media store, with calls that fail when a test wants it.</summary>
#pragma warning disable CA1852 // DispatchProxy derives from it
internal class StoreProxy : DispatchProxy
#pragma warning restore CA1852
{
    private IMediaStore _store = default!;

    /// <summary>What a call of this name throws; null lets it through.</summary>
    public Func<string, Exception?> Fault { get; set; } = _ => null;

    /// <summary>Puts one before the store that is registered.</summary>
    public static void Install(IServiceCollection services)
    {
        var registered = services.Last(s => s.ServiceType == typeof(IMediaStore)).ImplementationType!;
        services.AddSingleton(provider =>
        {
            var store = Create<IMediaStore, StoreProxy>();
            ((StoreProxy)store)._store = (IMediaStore)ActivatorUtilities.CreateInstance(provider, registered);
            return store;
        });
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (Fault(targetMethod!.Name) is { } fault)
            throw fault;
        try
        {
            return targetMethod.Invoke(_store, args);
        }
        catch (TargetInvocationException failure) when (failure.InnerException is { } inner)
        {
            throw inner;
        }
    }
}
