using System.ComponentModel.DataAnnotations;

namespace BlazorTranscode.Data;

/// <summary>Settings under <c>Data</c>: where everything that must survive a restart is kept.</summary>
[Settings("Data")]
internal sealed class DataOptions
{
    /// <summary>The folder of the database, the keys and the media; relative to the working folder. Must be on a local disk.</summary>
    [Required]
    public string Folder { get; set; } = "data";

    public string Root => Path.GetFullPath(Folder, Environment.CurrentDirectory);

    /// <summary>The SQLite file.</summary>
    public string Database => Path.Combine(Root, "app.db");

    /// <summary>How the app opens the database.</summary>
    public string ConnectionString => $"Data Source={Database};Default Timeout=5";

    /// <summary>The key ring of Data Protection: whoever reads it can forge a sign-in.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>What the local media store keeps.</summary>
    public string Media => Path.Combine(Root, "media");

    /// <summary>Scratch space of running jobs, one folder each, which are deleted at start; nothing else in it is.</summary>
    public string Work => Path.Combine(Root, "work");
}
