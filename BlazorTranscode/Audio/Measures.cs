using System.Globalization;

namespace BlazorTranscode.Audio;

/// <summary>Sizes and times as people read them.</summary>
internal static class Measures
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>A number of bytes, as <c>3.4 MiB</c>; a unit is 1024 of the one before.</summary>
    public static string Size(long bytes)
    {
        if (bytes == 1)
            return "1 byte";
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1023.95 && unit < Units.Length - 1)
            (value, unit) = (value / 1024, unit + 1);
        return $"{value.ToString("0.#", CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>A part of a whole, as <c>48.3 of 50 GiB</c>, or as <c>300 MiB of 50 GiB</c> where their units differ.</summary>
    public static string Part(long bytes, long whole)
    {
        var (part, all) = (Size(bytes), Size(whole));
        var unit = all[all.IndexOf(' ', StringComparison.Ordinal)..];
        return part.EndsWith(unit, StringComparison.Ordinal) ? $"{part[..^unit.Length]} of {all}" : $"{part} of {all}";
    }

    /// <summary>About how long something takes, as <c>less than a minute</c> or <c>about 20 minutes</c>; coarser the longer it is.</summary>
    public static string About(TimeSpan time) => time switch
    {
        { TotalSeconds: < 45 } => "less than a minute",
        { TotalSeconds: < 90 } => "about 1 minute",
        { TotalMinutes: < 10 } => $"about {Math.Round(time.TotalMinutes)} minutes",
        { TotalMinutes: < 90 } => $"about {Math.Round(time.TotalMinutes / 5) * 5} minutes",
        _ => $"about {Math.Round(time.TotalHours)} hours",
    };

    /// <summary>How long something plays, as <c>3:05</c> or <c>1:02:03</c>.</summary>
    public static string Time(TimeSpan duration)
    {
        var whole = TimeSpan.FromSeconds(Math.Round(duration.TotalSeconds));
        return whole.TotalHours >= 1 ? $"{(int)whole.TotalHours}:{whole.Minutes:00}:{whole.Seconds:00}" : $"{whole.Minutes}:{whole.Seconds:00}";
    }
}
