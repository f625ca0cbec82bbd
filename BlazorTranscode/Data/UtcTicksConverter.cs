using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace BlazorTranscode.Data;

/// <summary>Stores a moment as UTC ticks: SQLite can neither order nor compare the text form.</summary>
internal sealed class UtcTicksConverter()
    : ValueConverter<DateTimeOffset, long>(moment => moment.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
