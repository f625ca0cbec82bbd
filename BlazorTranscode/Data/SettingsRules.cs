using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Data;

/// <summary>Checks what the annotations of a class of options say, in sentences that name the whole key and write values as people do.</summary>
internal sealed class SettingsRules<T> : IValidateOptions<T> where T : class
{
    public ValidateOptionsResult Validate(string? name, T options)
    {
        List<string> failures = [.. Failures(options, Settings.SectionOf(typeof(T)))];
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> Failures(object options, string section)
    {
        foreach (var property in Settings.Of(options.GetType()))
        {
            var key = Settings.KeyOf(section, property);
            var value = property.GetValue(options);
            if (value is not null && Settings.IsGroup(property.PropertyType))
            {
                foreach (var failure in Failures(value, key))
                    yield return failure;
            }
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>().Where(rule => !rule.IsValid(value)))
                yield return Sentence(rule, key, property, value);
        }
        if (options is not IValidatableObject whole)
            yield break;
        foreach (var failure in whole.Validate(new(options)))
            yield return failure.ErrorMessage!;
    }

    private static string Sentence(ValidationAttribute rule, string key, PropertyInfo property, object? value)
    {
        if (rule.ErrorMessage is { } own)
            return own;
        if (rule is RequiredAttribute)
            return $"{key} is missing.";
        if (rule is not RangeAttribute range)
            return rule.FormatErrorMessage(key);
        var (least, most) = (Text(range.Minimum, property), Text(range.Maximum, property));
        var isOpen = range.Maximum is double and >= long.MaxValue;
        return $"{key} must be {(isOpen ? $"at least {least}" : $"{least} to {most}")}, but is {Text(value!, property)}.";
    }

    private static string Text(object value, PropertyInfo property) => value switch
    {
        TimeSpan time => Notation.Time(time),
        double or long or int when Settings.IsSize(property) => Notation.Size(Convert.ToDouble(value, CultureInfo.InvariantCulture) >= long.MaxValue
            ? long.MaxValue
            : Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
