using System.Globalization;
using Microsoft.Extensions.Options;

namespace BlazorTranscode.Data;

/// <summary>
/// What the data folder remembers of its database: the highest <see cref="Installation.Starts"/> and the last
/// <see cref="Installation.StoreId"/>, a line each. A database that was put back from a copy has a lower number than its folder.
/// </summary>
internal sealed class InstallationFile(IOptions<DataOptions> data)
{
    private readonly Lock _writing = new();

    private string Path => System.IO.Path.Combine(data.Value.Root, "installation");

    /// <summary>0 and null where the file is missing or is not one of ours.</summary>
    public (long Starts, Guid? StoreId) Read()
    {
        var lines = File.Exists(Path) ? File.ReadAllLines(Path) : [];
        return (
            long.TryParse(lines.ElementAtOrDefault(0), NumberStyles.None, CultureInfo.InvariantCulture, out var starts) ? starts : 0,
            Guid.TryParse(lines.ElementAtOrDefault(1), out var id) ? id : null);
    }

    /// <summary>Writes what is given and keeps the other. A death in between leaves the old file.</summary>
    /// <exception cref="IOException">No room, or no right to.</exception>
    public void Write(long? starts = null, Guid? storeId = null)
    {
        lock (_writing)
        {
            var now = Read();
            var lines = string.Create(CultureInfo.InvariantCulture, $"{starts ?? now.Starts}\n{storeId ?? now.StoreId}\n");
            using (var file = File.Create($"{Path}.new"))
            {
                file.Write(System.Text.Encoding.UTF8.GetBytes(lines));
                file.Flush(flushToDisk: true);
            }

            File.Move($"{Path}.new", Path, overwrite: true);
        }
    }
}
