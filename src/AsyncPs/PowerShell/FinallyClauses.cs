using System.Management.Automation.Language;

namespace AsyncPs;

/// <summary>The finally clauses of blocks, which run when a block is stopped.</summary>
internal static class FinallyClauses
{
    /// <summary>Whether an error may have happened in a finally clause of the block, or in what one calls.</summary>
    public static bool MayHold(ScriptBlock block, ErrorRecord error)
    {
        StatementBlockAst[] clauses =
        [
            .. block.Ast.FindAll(static ast => ast is TryStatementAst { Finally: not null }, searchNestedScriptBlocks: true)
                .Select(static ast => ((TryStatementAst)ast).Finally),
        ];
        return IsIn(block.Ast, error) ? Array.Exists(clauses, clause => IsIn(clause, error)) : clauses.Length > 0;
    }

    private static bool IsIn(Ast ast, ErrorRecord error)
        => error.InvocationInfo is { } place
            && (place.ScriptName ?? "") == (ast.Extent.File ?? "")
            && (place.ScriptLineNumber, place.OffsetInLine).CompareTo((ast.Extent.StartLineNumber, ast.Extent.StartColumnNumber)) >= 0
            && (place.ScriptLineNumber, place.OffsetInLine).CompareTo((ast.Extent.EndLineNumber, ast.Extent.EndColumnNumber)) < 0;
}
