using System.Globalization;
using System.Text.RegularExpressions;

namespace BlazorTranscode.Data;

/// <summary>Sizes and times as people write them: <c>2 GiB</c>, <c>500 MB</c>, <c>10 s</c>, <c>1 day</c>. In settings and in messages.</summary>
internal static partial class Notation
{
    // Descending, because the largest unit that fits without a rest is the one to show.
    private static readonly (string Name, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("TB", 1_000_000_000_000), ("GiB", 1L << 30), ("GB", 1_000_000_000),
        ("MiB", 1L << 20), ("MB", 1_000_000), ("KiB", 1L << 10), ("kB", 1_000),
    ];

    /// <summary>Reads a number of bytes, with a unit of powers of 1000 (<c>MB</c>) or of 1024 (<c>MiB</c>) or without one.</summary>
    public static bool TryReadSize(string text, out long bytes)
    {
        bytes = 0;
        var match = Quantity.Match(text);
        if (!match.Success || !decimal.TryParse(match.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;
        var unit = match.Groups[2].Value;
        long factor = 1;
        if (unit.Length > 0 && !unit.Equals("B", StringComparison.OrdinalIgnoreCase) && !unit.StartsWith("byte", StringComparison.OrdinalIgnoreCase))
            factor = Units.FirstOrDefault(known => known.Name.Equals(unit, StringComparison.OrdinalIgnoreCase)).Bytes;
        if (factor == 0 || number > long.MaxValue / (decimal)factor)
            return false;
        bytes = (long)decimal.Round(number * factor);
        return true;
    }

    /// <summary>Reads a time with its unit, or as .NET writes one (<c>00:00:10</c>). A number alone is refused: .NET takes it for days.</summary>
    public static bool TryReadTime(string text, out TimeSpan time)
    {
        time = default;
        if (text.Contains(':', StringComparison.Ordinal))
            return DotNet.IsMatch(text) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out time);
        var match = Quantity.Match(text);
        if (!match.Success || !decimal.TryParse(match.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;
        decimal ticks = match.Groups[2].Value.ToLowerInvariant() switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" or "second" or "seconds" => TimeSpan.TicksPerSecond,
            "min" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
            "h" or "hour" or "hours" => TimeSpan.TicksPerHour,
            "day" or "days" => TimeSpan.TicksPerDay,
            _ => 0,
        };
        if (ticks == 0 || number > long.MaxValue / ticks)
            return false;
        time = new((long)decimal.Round(number * ticks));
        return true;
    }

    /// <summary>Such as <c>2 GiB</c>; exact, so with a small unit where a large one would round.</summary>
    public static string Size(long bytes)
    {
        foreach (var (name, unit) in Units)
        {
            if (bytes != 0 && bytes % unit == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / unit} {name}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
    }

    /// <summary>Such as <c>2 min</c>; exact.</summary>
    public static string Time(TimeSpan time)
    {
        ReadOnlySpan<(string Name, long Ticks)> units =
        [
            ("day", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("min", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond),
            ("ms", TimeSpan.TicksPerMillisecond),
        ];
        foreach (var (name, unit) in units)
        {
            if (time.Ticks == 0 || time.Ticks % unit != 0)
                continue;
            var count = time.Ticks / unit;
            return string.Create(CultureInfo.InvariantCulture, $"{count} {(name == "day" && count != 1 ? "days" : name)}");
        }
        return time == TimeSpan.Zero ? "0 s" : time.ToString("c", CultureInfo.InvariantCulture);
    }

    // With seconds, because .NET takes a time without them for something else as soon as it is long.
    [GeneratedRegex(@"^([0-9]+\.)?[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?\z")]
    private static partial Regex DotNet { get; }

    [GeneratedRegex(@"^\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*\z")]
    private static partial Regex Quantity { get; }
}
