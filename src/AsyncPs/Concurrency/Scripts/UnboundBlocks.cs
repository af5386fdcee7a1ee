using System.Management.Automation.Language;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency.Scripts;

/// <summary>
/// Script blocks without a session. A caller's block belongs to the caller's session and would run there, two threads in
/// one; a block made from its syntax tree belongs to whoever runs it, so one serves all workers, and it keeps its file,
/// its lines, its language mode and the classes it refers to. It is kept as long as the tree, so that it is compiled once.
/// </summary>
internal static class UnboundBlocks
{
    private static readonly ConditionalWeakTable<Ast, ScriptBlock> Known = [];

    /// <summary>The unbound twin of a block.</summary>
    public static ScriptBlock Get(ScriptBlock block) => Known.GetValue(block.Ast, _ => Create(block));

    private static ScriptBlock Create(ScriptBlock block)
        => block.Ast is ScriptBlockAst body ? body.GetScriptBlock()
            : EngineInternals.CloneBlock?.Invoke(block) ?? ScriptBlock.Create(block.ToString());
}
