namespace BlazorTranscode.Audio;

/// <summary>Sizes and times as people read them.</summary>
internal static class Measures
{
    private static readonly string[] Units = ["KB", "MB", "GB", "TB"];

    /// <summary>A number of bytes, as <c>3.4 MB</c>; a unit is 1000 of the one before, as in file managers and on packages.</summary>
    public static string Size(long bytes)
    {
        if (bytes < 1000)
            return bytes == 1 ? "1 byte" : $"{bytes} bytes";
        var (value, unit) = (bytes / 1000.0, 0);
        while (value >= 999.5 && unit < Units.Length - 1)
            (value, unit) = (value / 1000, unit + 1);
        return $"{value.ToString(value < 9.95 ? "0.0" : "0", System.Globalization.CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>How long something plays, as <c>3:05</c> or <c>1:02:03</c>.</summary>
    public static string Time(TimeSpan duration)
    {
        var whole = TimeSpan.FromSeconds(Math.Round(duration.TotalSeconds));
        return whole.TotalHours >= 1 ? $"{(int)whole.TotalHours}:{whole.Minutes:00}:{whole.Seconds:00}" : $"{whole.Minutes}:{whole.Seconds:00}";
    }
}
