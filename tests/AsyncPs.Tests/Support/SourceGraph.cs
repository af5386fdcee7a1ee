using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AsyncPs.Tests.Support;

/// <summary>
/// Which source file of a project uses which, as the compiler sees it: constants and names without a using included, comments not.
/// </summary>
internal sealed class SourceGraph
{
    // What ImplicitUsings adds.
    private const string ImplicitUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    private readonly string _source;
    private readonly HashSet<(string User, string Used)> _arrows = [];

    private SourceGraph(string source)
    {
        _source = source;
        Files =
        [
            .. Directory.GetFiles(source, "*.cs", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(source, file))
                .Where(static file => Top(file) is not ("bin" or "obj"))
                .Order(StringComparer.Ordinal),
        ];
        Read();
    }

    /// <summary>The source files, by their paths in the project.</summary>
    public string[] Files { get; }

    /// <summary>The folders that have source files, each with those that its files use.</summary>
    public ILookup<string, string> Folders => Arrows(Folder);

    /// <summary>The outermost folders; empty for the files beside them.</summary>
    public ILookup<string, string> TopFolders => Arrows(Top);

    /// <summary>Reads the sources of a project.</summary>
    /// <param name="project">Its folder under src/.</param>
    public static SourceGraph Of(string project) => new(Path.Combine(Repository.Root, "src", project));

    /// <summary>The arrows of circles: those that are left when all nodes at the ends of the graph are removed, again and again.</summary>
    public static string[] Circles(IEnumerable<(string User, string Used)> arrows)
    {
        HashSet<(string User, string Used)> left = [.. arrows];
        while (left.RemoveWhere(arrow => !left.Any(other => other.User == arrow.Used)) > 0)
        {
        }

        while (left.RemoveWhere(arrow => !left.Any(other => other.Used == arrow.User)) > 0)
        {
        }

        return [.. left.Select(static arrow => $"{arrow.User} -> {arrow.Used}").Order(StringComparer.Ordinal)];
    }

    private static string Folder(string file) => Path.GetDirectoryName(file)!.Replace(Path.DirectorySeparatorChar, '/');

    private static string Top(string file) => Folder(file).Split('/')[0];

    private ILookup<string, string> Arrows(Func<string, string> node) => _arrows
        .Select(arrow => (User: node(arrow.User), Used: node(arrow.Used)))
        .Where(static arrow => arrow.User != arrow.Used)
        .Distinct()
        .Order()
        .ToLookup(static arrow => arrow.User, static arrow => arrow.Used);

    private void Read()
    {
        CSharpParseOptions options = new(LanguageVersion.Preview);
        SyntaxTree[] trees = [.. Files.Select(Parse)];
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Layers",
            [.. trees, CSharpSyntaxTree.ParseText(ImplicitUsings, options)],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(static path => !Path.GetFileName(path).StartsWith("AsyncPs", StringComparison.Ordinal))
                .Select(static path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        Parallel.ForEach(trees, tree => Read(compilation.GetSemanticModel(tree), tree));

        SyntaxTree Parse(string file) => CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(_source, file)), options, file);
    }

    private void Read(SemanticModel model, SyntaxTree tree)
    {
        HashSet<string> used = [];
        foreach (SimpleNameSyntax name in tree.GetRoot()
            .DescendantNodes(static node => node is not UsingDirectiveSyntax)
            .OfType<SimpleNameSyntax>())
        {
            ISymbol? symbol = model.GetSymbolInfo(name).Symbol;
            symbol = (symbol as IMethodSymbol)?.ReducedFrom ?? symbol;
            if (symbol is INamedTypeSymbol || symbol?.ContainingType is not null)
            {
                used.UnionWith(symbol.OriginalDefinition.DeclaringSyntaxReferences
                    .Take(1)
                    .Select(static declaration => declaration.SyntaxTree.FilePath));
            }
        }

        lock (_arrows)
        {
            _arrows.UnionWith(used.Where(file => file.Length > 0 && file != tree.FilePath).Select(file => (tree.FilePath, file)));
        }
    }
}
