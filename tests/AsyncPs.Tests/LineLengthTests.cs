using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

/// <summary>Lines of C# and PowerShell have at most as many columns as <c>.editorconfig</c> says.</summary>
public sealed class LineLengthTests
{
    private const int Columns = 140;

    private static readonly string[] Extensions = [".cs", ".ps1", ".psm1", ".psd1"];

    // What is generated is not under version control.
    private static readonly string[] Generated = ["bin", "obj", "output", "TestResults"];

    [Fact]
    public void Lines_are_not_too_long()
        => Assert.Empty(SourceFiles(new DirectoryInfo(Repository.Root)).SelectMany(LongLines));

    [Fact]
    public void The_bound_is_that_of_editorconfig()
        => Assert.Contains($"max_line_length = {Columns}", File.ReadAllLines(Path.Combine(Repository.Root, ".editorconfig")));

    private static IEnumerable<FileInfo> SourceFiles(DirectoryInfo folder)
        => folder.EnumerateFiles().Where(static file => Extensions.Contains(file.Extension))
            .Concat(folder.EnumerateDirectories()
                .Where(static inner => !inner.Name.StartsWith('.') && !Generated.Contains(inner.Name))
                .SelectMany(SourceFiles));

    private static IEnumerable<string> LongLines(FileInfo file)
        => File.ReadLines(file.FullName)
            .Index()
            .Where(line => line.Item.Length > Columns && !IsDescription(file, line.Item))
            .Select(line => $"{Path.GetRelativePath(Repository.Root, file.FullName)}:{line.Index + 1}");

    // A manifest holds no expressions, so its description is one string.
    private static bool IsDescription(FileInfo file, string line)
        => file.Extension == ".psd1" && line.TrimStart().StartsWith("Description ", StringComparison.Ordinal);
}
