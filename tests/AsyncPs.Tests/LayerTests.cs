using System.Text.RegularExpressions;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests;

/// <summary>
/// Dependencies point one way: each folder of the module uses those that CONTRIBUTING.md names, without circles.
/// </summary>
public sealed partial class LayerTests
{
    private const string Top = "Commands";

    // Every folder may use it, so rows do not name it.
    private const string Ground = "PowerShell";

    // The files beside the folders.
    private const string Beside = "";

    private static readonly Lazy<SourceGraph> Graph = new(static () => SourceGraph.Of("AsyncPs"));

    private static readonly string Source = Path.Combine(Repository.Root, "src", "AsyncPs");

    private static readonly string[] Folders =
    [
        .. Directory.GetDirectories(Source)
            .Select(static path => Path.GetFileName(path))
            .Where(static name => name is not ("bin" or "obj"))
            .Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> AllFolders { get; } = [.. Folders];

    [Theory]
    [MemberData(nameof(AllFolders))]
    public void A_folder_uses_what_its_row_says(string folder)
    {
        string[] used = [.. Graph.Value.TopFolders[folder].Where(static other => other != Ground)];

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
    public void The_ground_floor_uses_nothing() => Assert.Empty(Graph.Value.TopFolders[Ground]);

    [Fact]
    public void Files_beside_the_folders_are_used_by_none()
        => Assert.DoesNotContain(Graph.Value.TopFolders, static row => row.Contains(Beside));

    [Fact]
    public void No_arrow_leads_back()
        => Assert.Empty(SourceGraph.Circles(Graph.Value.TopFolders.SelectMany(static row => row.Select(used => (row.Key, used)))));

    // A folder and its subfolders may use each other; the subfolders form no circle.
    [Fact]
    public void Folders_in_a_folder_form_no_circle()
        => Assert.Empty(SourceGraph.Circles(Graph.Value.Folders
            .SelectMany(static row => row.Select(used => (row.Key, Used: used)))
            .Where(static arrow => arrow.Key.Contains('/') && arrow.Used.Contains('/'))));

    [Fact]
    public void Circles_are_found()
        => Assert.Equal(["a -> b", "b -> c", "c -> a"], SourceGraph.Circles([("x", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "z")]));

    [Fact]
    public void Namespaces_are_those_of_the_folders()
        => Assert.DoesNotContain(
            Graph.Value.Files.Where(static file => Path.GetDirectoryName(file) is not ("" or null)),
            static file => !Text(file).Contains($"\nnamespace {NamespaceOf(file)};\n", StringComparison.Ordinal));

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
    private static string NamespaceOf(string file) => Path.GetDirectoryName(file) == Ground
        ? "AsyncPs"
        : "AsyncPs." + Path.GetDirectoryName(file)!.Replace(Path.DirectorySeparatorChar, '.');

    private static string Text(string file) => "\n" + File.ReadAllText(Path.Combine(Source, file)).ReplaceLineEndings("\n");

    [GeneratedRegex(@"^\| `(?<folder>\w+)/` \|.*\| (?<uses>[\w, ]+) \|\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
