using System.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Data;

/// <summary>Names the section of the configuration that a class of options is read from; empty for the root.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SettingsAttribute(string section) : Attribute
{
    public string Section => section;
}

/// <summary>
/// Which settings there are. A property whose name ends in <c>Bytes</c> is a size, a <see cref="TimeSpan"/> a time, and both are written
/// as <see cref="Notation"/> says.
/// </summary>
internal static class Settings
{
    /// <summary>Every class of options of this program, whether it is in use or not.</summary>
    public static IReadOnlyList<(string Section, Type Type)> Sections { get; } =
    [
        .. from type in typeof(Settings).Assembly.GetTypes()
           let settings = type.GetCustomAttribute<SettingsAttribute>()
           where settings is not null
           select (settings.Section, type),
    ];

    /// <summary>Binds a class that has a <see cref="SettingsAttribute"/>, and checks it at start. Asking twice is harmless.</summary>
    public static OptionsBuilder<T> AddSettings<T>(this IServiceCollection services) where T : class
    {
        var options = services.AddOptions<T>();
        if (services.Any(service => service.ImplementationType == typeof(SettingsRules<T>)))
            return options;
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<T>, SettingsRules<T>>());
        return options.BindConfiguration(SectionOf(typeof(T))).ValidateOnStart();
    }

    /// <summary>The value for the rules of another class, or null if it breaks its own: those are listed anyway, and must not hide what else is wrong.</summary>
    public static T? ValueIfValid<T>(this IOptions<T> options) where T : class
    {
        try
        {
            return options.Value;
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }

    public static string SectionOf(Type type) => type.GetCustomAttribute<SettingsAttribute>()!.Section;

    /// <summary>What the configuration can set on a class of options.</summary>
    public static IEnumerable<PropertyInfo> Of(Type type) => type.GetProperties().Where(property => property.GetSetMethod() is not null);

    /// <summary>Whether a property holds settings of its own.</summary>
    public static bool IsGroup(Type type) => type.IsClass && type.Assembly == typeof(Settings).Assembly;

    public static bool IsSize(PropertyInfo property) => property.Name.EndsWith("Bytes", StringComparison.Ordinal);

    public static string KeyOf(string section, PropertyInfo property) => section.Length == 0 ? property.Name : $"{section}:{property.Name}";
}
