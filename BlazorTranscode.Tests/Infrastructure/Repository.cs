namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>Where the tests' own sources lie, for those that read or run a file of the repository.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>A file or folder by its path below the root.</summary>
    public static string At(string path) => Path.Combine(Root, path);

    /// <summary>Everything that people write, as paths below the root; what tools generate is left out.</summary>
    public static IEnumerable<string> Sources() =>
        from folder in new[] { "BlazorTranscode", "BlazorTranscode.Tests" }
        from path in Directory.EnumerateFiles(At(folder), "*.*", SearchOption.AllDirectories)
        let name = Path.GetRelativePath(Root, path)
        where name.EndsWith(".cs", StringComparison.Ordinal) || name.EndsWith(".razor", StringComparison.Ordinal)
        where !name.Split('/').Any(part => part is "bin" or "obj" or "Migrations")
        select name;

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "BlazorTranscode.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
