namespace BlazorTranscode.Tests.Infrastructure;

/// <summary>Where the tests' own sources lie, for those that read or run a file of the repository.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "BlazorTranscode.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
