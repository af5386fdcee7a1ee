using System.Management.Automation.Language;
using AsyncPs.Concurrency;

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

    /// <summary>Sets it in the session that runs this, where it stands for no item: Tab completes the members of its value.</summary>
    public static void Offer() => (EngineInternals.RunningCommand?.Invoke() as PSCmdlet)?.SessionState.PSVariable.Set(
        "global:" + Name,
        AsyncContext.None);

    /// <summary>Removes it from the session.</summary>
    public static void Withdraw()
        => (EngineInternals.RunningCommand?.Invoke() as PSCmdlet)?.SessionState.PSVariable.Remove("global:" + Name);
}
