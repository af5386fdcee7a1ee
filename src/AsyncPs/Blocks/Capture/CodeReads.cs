using System.Management.Automation.Language;
using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks.Capture;

/// <summary>What a piece of code takes from around it, by name. Read from its syntax tree once, and kept as long as the tree.</summary>
/// <param name="Variables">Variables it may read before it has assigned them, with their scope if they name one.</param>
/// <param name="Commands">Commands it calls and may not have defined before.</param>
/// <param name="CommandVariables">Variables it calls, as in `&amp; $name`.</param>
/// <param name="Methods">Methods that it calls on objects.</param>
internal sealed record CodeReads(string[] Variables, string[] Commands, string[] CommandVariables, string[] Methods)
{
    private static readonly ConditionalWeakTable<Ast, CodeReads> Known = [];

    /// <summary>What a block or function reads.</summary>
    /// <param name="ast">The tree of a script block: that of a body, or of a function.</param>
    public static CodeReads Of(Ast ast) => Known.GetValue(ast, FreeVariableAnalyzer.Read);
}
