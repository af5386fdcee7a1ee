using System.Management.Automation.Language;
using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Script blocks without a session. A caller's block belongs to the caller's session and would run there, with two threads in one
/// session. A block that is created from its syntax tree belongs to the session that runs it, so one serves all workers. It keeps its
/// file, its lines, its language mode and the classes it refers to, and lives as long as the tree, so that it is compiled once. Twins
/// are created on the caller's thread, because the engine gives a new block the language mode of the code that runs there.
/// </summary>
internal static class UnboundBlocks
{
    private static readonly ConditionalWeakTable<Ast, ScriptBlock> Known = [];

    /// <summary>The unbound twin of a block.</summary>
    public static ScriptBlock Get(ScriptBlock block)
    {
        ScriptBlock known = Known.GetValue(block.Ast, _ => Create(block));

        // The engine shares the syntax tree of equal texts, even between trusted and constrained code.
        return EngineInternals.LanguageModeOf?.Invoke(known) == EngineInternals.LanguageModeOf?.Invoke(block) ? known : Create(block);
    }

    private static ScriptBlock Create(ScriptBlock block)
    {
        ScriptBlock twin = Unbind(block);
        if (EngineInternals.LanguageModeOf?.Invoke(block) is { } mode)
        {
            EngineInternals.SetLanguageMode?.Invoke(twin, mode);
        }

        return twin;
    }

    private static ScriptBlock Unbind(ScriptBlock block)
        => block.Ast is ScriptBlockAst body ? body.GetScriptBlock()
            : EngineInternals.CloneBlock?.Invoke(block) ?? ScriptBlock.Create(block.ToString());
}
