using System.Management.Automation.Language;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>Get-Help and -? describe the examples.</summary>
public sealed class ExampleHelpTests
{
    private static readonly string Folder = Repository.Examples;

    public static TheoryData<string> Examples { get; } = [.. Directory
        .GetFiles(Folder, "*.ps1")
        .Select(static path => Path.GetFileName(path))
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_says_what_it_is_for_and_what_its_parameters_mean(string example)
    {
        ScriptBlockAst script = Parser.ParseFile(Path.Combine(Folder, example), out _, out _);
        CommentHelpInfo? help = script.GetHelpContent();

        Assert.NotNull(help);
        Assert.False(string.IsNullOrWhiteSpace(help.Synopsis));
        Assert.NotEmpty(help.Examples);
        Assert.Equal(
            (script.ParamBlock?.Parameters ?? [])
                .Select(static parameter => parameter.Name.VariablePath.UserPath.ToUpperInvariant())
                .Order(StringComparer.Ordinal),
            help.Parameters.Keys.Select(static name => name.ToUpperInvariant()).Order(StringComparer.Ordinal));
    }
}
