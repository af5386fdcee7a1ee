using System.Management.Automation.Language;

namespace AsyncPs.Blocks;

/// <summary>The variable by which a block sees the item it runs for. Set only for blocks that name it.</summary>
internal static class ContextVariable
{
    /// <summary>Its name.</summary>
    public const string Name = "AsyncContext";

    /// <summary>Whether a block or an inner block names it.</summary>
    public static bool IsNamedIn(ScriptBlock block) => block.Ast.Find(
        static ast => ast is VariableExpressionAst variable
            && variable.VariablePath.UserPath.Equals(Name, StringComparison.OrdinalIgnoreCase),
        searchNestedScriptBlocks: true) is not null;
}
