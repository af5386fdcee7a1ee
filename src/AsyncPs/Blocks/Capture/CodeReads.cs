using System.Management.Automation.Language;
using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks.Capture;

/// <summary>The names that a piece of code takes from outside. Read from its syntax tree once, and kept as long as the tree.</summary>
/// <param name="Variables">Variables it may read before it assigns them, with the scope if it names one.</param>
/// <param name="Commands">Commands it calls that it may not have defined before.</param>
/// <param name="CommandVariables">Variables it invokes, as in `&amp; $name`.</param>
/// <param name="Methods">Methods that it calls on objects.</param>
internal sealed record CodeReads(string[] Variables, string[] Commands, string[] CommandVariables, string[] Methods)
{
    private static readonly ConditionalWeakTable<Ast, CodeReads> Known = [];

    /// <summary>The names that a block or function reads.</summary>
    /// <param name="ast">The syntax tree of a script block or of a function.</param>
    public static CodeReads Of(Ast ast) => Known.GetValue(ast, FreeVariableAnalyzer.Read);
}
