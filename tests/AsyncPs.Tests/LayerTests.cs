using System.Text.RegularExpressions;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

/// <summary>Dependencies point one way: each folder of the module uses those that CONTRIBUTING.md says it does, and no circle is among them.</summary>
public sealed partial class LayerTests
{
    private const string Top = "Commands";

    // Everything may use it. Its name is also that of a type.
    private const string Ground = "PowerShell";

    private static readonly string Source = Path.Combine(Repository.Root, "src", "AsyncPs");

    private static readonly string[] Folders =
    [
        .. Directory.GetDirectories(Source).Select(static path => Path.GetFileName(path)).Where(static name => name is not ("bin" or "obj")).Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> AllFolders { get; } = [.. Folders];

    [Theory]
    [MemberData(nameof(AllFolders))]
    public void A_folder_uses_what_its_row_says(string folder)
    {
        string[] used = [.. Used(folder)];

        if (folder == Top)
        {
            Assert.Empty(used.Except(Stated(folder)));
        }
        else
        {
            Assert.Equal(Stated(folder), used);
        }
    }

    [Fact]
    public void No_arrow_leads_back()
    {
        // Takes away what uses nothing that is left, until nothing is left.
        var left = Folders.ToDictionary(static folder => folder, static folder => Used(folder).ToHashSet());
        while (left.Where(row => !row.Value.Overlaps(left.Keys)).Select(static row => row.Key).ToArray() is { Length: > 0 } lowest)
        {
            Array.ForEach(lowest, folder => left.Remove(folder));
        }

        Assert.Empty(left.Select(static row => $"{row.Key} -> {string.Join(", ", row.Value)}"));
    }

    [Fact]
    public void Namespaces_are_those_of_the_folders()
        => Assert.DoesNotContain(Folders.SelectMany(Files), static file => !Text(file).Contains($"\nnamespace {NamespaceOf(file)};\n", StringComparison.Ordinal));

    private static string[] Stated(string folder)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "CONTRIBUTING.md"));
        string uses = Row().Matches(text).Single(row => row.Groups["folder"].Value == folder).Groups["uses"].Value;
        return uses switch
        {
            "nothing" => [],
            "all of the following" => [.. Folders.Where(static other => other is not (Top or Ground))],
            _ => uses.Split(", "),
        };
    }

    // A namespace AsyncPs.PowerShell would hide the type PowerShell from every file.
    private static string NamespaceOf(string file) => Path.GetFileName(Path.GetDirectoryName(file)) == Ground
        ? "AsyncPs"
        : "AsyncPs." + Path.GetRelativePath(Source, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');

    // By its usings, of which the build keeps none that is not needed, and by names with a namespace before them.
    private static IEnumerable<string> Used(string folder) => Files(folder)
        .SelectMany(static file => Use().Matches(Text(file)).Select(static use => use.Groups["folder"].Value))
        .Where(other => other != folder && other != Ground && Folders.Contains(other))
        .Distinct()
        .Order(StringComparer.Ordinal);

    private static string[] Files(string folder) => Directory.GetFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories);

    private static string Text(string file) => "\n" + Comment().Replace(File.ReadAllText(file), "").ReplaceLineEndings("\n");

    [GeneratedRegex(@"^\| `(?<folder>\w+)/` \|.*\| (?<uses>[\w, ]+) \|\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\busing (static )?(\w+ = )?AsyncPs\.(?<folder>\w+)|(?<![\w.""])(AsyncPs\.)?(?<folder>[A-Z]\w+)\.[A-Z]")]
    private static partial Regex Use();

    [GeneratedRegex("//.*$|\"[^\"\n]*\"", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
