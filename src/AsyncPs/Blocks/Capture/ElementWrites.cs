using System.Management.Automation.Language;

namespace AsyncPs.Blocks.Capture;

/// <summary>Finds code that sets elements of a variable.</summary>
internal static class ElementWrites
{
    /// <summary>Whether code sets an element of a variable.</summary>
    /// <param name="code">The code.</param>
    /// <param name="variable">The name of the variable.</param>
    public static bool Has(Ast code, string variable)
        => code.Find(ast => IsWrite(ast, variable), searchNestedScriptBlocks: true) is not null;

    private static bool IsWrite(Ast ast, string variable)
        => ast is AssignmentStatementAst { Left: IndexExpressionAst { Target: VariableExpressionAst target } }
            && target.VariablePath.UserPath.Equals(variable, StringComparison.OrdinalIgnoreCase);
}
