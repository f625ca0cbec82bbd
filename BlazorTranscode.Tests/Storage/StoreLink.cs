using System.Reflection;
using BlazorTranscode.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace BlazorTranscode.Tests.Storage;

/// <summary>The way from the app to its local store: a test may do something before a call, or let it fail.</summary>
internal sealed class StoreLink
{
    /// <summary>Called with the name of each asynchronous method of the store before it; what it throws comes instead of an answer. Null lets all pass.</summary>
    public Func<string, Task>? Before { get; set; }

    public void Install(IServiceCollection services) => services.AddSingleton(provider =>
    {
        var link = DispatchProxy.Create<IMediaStore, Proxy>();
        (((Proxy)(object)link).Owner, ((Proxy)(object)link).Store) = (this, ActivatorUtilities.CreateInstance<LocalMediaStore>(provider));
        return link;
    });

#pragma warning disable CA1852 // The proxy that is made at run time is derived from it.
    internal class Proxy : DispatchProxy
#pragma warning restore CA1852
    {
        internal StoreLink Owner { get; set; } = default!;

        internal IMediaStore Store { get; set; } = default!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (Owner.Before is not { } before || !targetMethod!.Name.EndsWith("Async", StringComparison.Ordinal))
                return Pass();
            if (targetMethod.ReturnType == typeof(Task))
                return AfterAsync();
            before(targetMethod.Name).GetAwaiter().GetResult();
            return Pass();

            object? Pass() => targetMethod!.Invoke(Store, BindingFlags.DoNotWrapExceptions, null, args, null);

            async Task AfterAsync()
            {
                await before(targetMethod!.Name);
                await (Task)Pass()!;
            }
        }
    }
}
