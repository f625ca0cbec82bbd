using System.Text.RegularExpressions;
using BlazorTranscode.Tests.Infrastructure;
using Microsoft.AspNetCore.Components;
using Mono.Cecil;

namespace BlazorTranscode.Tests;

/// <summary>The walls of the house: who may know whom, and how large and how open a room may be.</summary>
public sealed class ArchitectureTests
{
    private const string Product = "BlazorTranscode";
    private const int LongestFile = 200;

    /// <summary>Everybody may use Data besides; nobody may use who is not a target here.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Data"] = [],
        ["Accounts"] = ["Storage"],
        ["Audio"] = [],
        ["Storage"] = [],
        ["Messages"] = [],
        ["Aws"] = [],
        ["Uploads"] = ["Audio", "Storage", "Transcoding"],
        ["Transcoding"] = ["Audio", "Storage", "Messages", "Aws"],
        ["Webhooks"] = ["Transcoding", "Aws"],
        ["Library"] = ["Audio", "Storage", "Transcoding", "Messages"],
        ["Notifications"] = ["Messages"],
        ["Components"] = ["Messages", "Notifications", "Accounts", "Uploads"],
    };

    private static readonly string[] KnowAll = ["Administration", "Hosting"];
    private static readonly AssemblyDefinition App = AssemblyDefinition.ReadAssembly(typeof(Program).Assembly.Location);

    [Fact]
    public void Folders_InCompiledCode_KnowOnlyWhomTheArchitectureAllows() => None(
        from type in App.MainModule.GetTypes()
        let folder = FolderOf(type)
        where folder is not null
        from other in TypeReferences.Of(type).Select(FolderOf).Distinct()
        where other is not null && !Allowed(folder, other)
        select $"{type.FullName} knows {other}");

    /// <summary>A constant leaves no trace in compiled code, but a using for it, or its full name, stands in the source.</summary>
    [Fact]
    public void Folders_InSource_KnowOnlyWhomTheArchitectureAllows() => None(
        from file in Repository.Sources()
        let parts = file.Split('/')
        where parts[0] == Product && parts.Length > 2
        from Match match in Regex.Matches(File.ReadAllText(Repository.At(file)), $@"(?<!\w){Product}\.([A-Z]\w+)")
        let other = match.Groups[1].Value
        where other != "Tests" && !Allowed(parts[1], other)
        select $"{file} names {other}");

    [Fact]
    public void Arrows_Followed_NeverComeBack()
    {
        var left = Arrows.ToDictionary(arrow => arrow.Key, arrow => arrow.Value.ToHashSet());
        while (left.Where(arrow => arrow.Value.Count == 0).Select(arrow => arrow.Key).ToList() is { Count: > 0 } done)
        {
            done.ForEach(folder => left.Remove(folder));
            foreach (var targets in left.Values)
                targets.ExceptWith(done);
        }
        None(left.Keys);
    }

    [Fact]
    public void Folders_AtTopLevel_AreThoseOfTheArchitecture() => None(
        Repository.Sources().Select(file => file.Split('/')).Where(parts => parts[0] == Product && parts.Length > 2).Select(parts => parts[1])
            .Distinct().Except([.. Arrows.Keys, .. KnowAll]));

    [Fact]
    public void Folders_Anywhere_AreNoDrawers() => None(
        Repository.Sources().Where(file => file.Split('/').Any(part => part is "Services" or "Utils" or "Helpers" or "Common" or "Models" or "Shared")));

    [Fact]
    public void Files_Written_FitOnAScreenOrTwo() => None(
        from file in Repository.Sources()
        let lines = File.ReadLines(Repository.At(file)).Count()
        where lines > LongestFile
        select $"{file} has {lines} lines");

    [Fact]
    public void Program_AsTableOfContents_StaysShort() => Assert.InRange(File.ReadLines(Repository.At("BlazorTranscode/Program.cs")).Count(), 1, 50);

    /// <summary>Components are public by nature, and so is what their parameters show.</summary>
    [Fact]
    public void Classes_ThatNoComponentShows_AreSealedAndInternal()
    {
        var types = typeof(Program).Assembly.GetTypes().Where(type => type.IsClass && FolderOf(type.Namespace) is not null).ToList();
        var components = types.Where(typeof(IComponent).IsAssignableFrom).ToList();
        var shown = new HashSet<Type>();
        foreach (var parameter in components.SelectMany(component => component.GetProperties()).Where(p => p.IsDefined(typeof(ParameterAttribute), true)))
            Show(parameter.PropertyType, shown);
        None(
            from type in types.Except(components)
            where type.Name != "_Imports" && !type.Name.Contains('<') && type.Namespace?.EndsWith(".Migrations", StringComparison.Ordinal) is false
            where (type.IsPublic && !shown.Contains(type)) || !(type.IsSealed || types.Any(other => IsBase(type, other)))
            select type.FullName);
    }

    private static void Show(Type type, HashSet<Type> shown)
    {
        foreach (var part in type.GetGenericArguments())
            Show(part, shown);
        if (FolderOf(type.Namespace) is null || !shown.Add(type))
            return;
        foreach (var property in type.GetProperties())
            Show(property.PropertyType, shown);
    }

    private static void None(IEnumerable<string> offenders)
    {
        var list = offenders.Distinct().ToList();
        Assert.True(list.Count == 0, string.Join(Environment.NewLine, list));
    }

    private static bool IsBase(Type type, Type other) => (other.BaseType is { IsGenericType: true } generic ? generic.GetGenericTypeDefinition() : other.BaseType) == type;

    private static bool Allowed(string folder, string other) =>
        folder == other || KnowAll.Contains(folder) || other == "Data" || Arrows.GetValueOrDefault(folder, []).Contains(other);

    private static string? FolderOf(TypeReference type)
    {
        while (type.DeclaringType is not null)
            type = type.DeclaringType;
        return FolderOf(type.Namespace);
    }

    private static string? FolderOf(string? space) => space?.Split('.') is [Product, var folder, ..] ? folder : null;
}
