using System.Management.Automation.Language;
using System.Runtime.CompilerServices;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// Script blocks without a session. A caller's block belongs to the caller's session and would run there, two threads in
/// one; a block made from its syntax tree belongs to whoever runs it, so one serves all workers, and it keeps its file,
/// its lines, its language mode and the classes it refers to. It is kept as long as the tree, so that it is compiled once.
/// Twins are made on the caller's thread: the engine gives a new block the language mode of the code that runs there.
/// </summary>
internal static class UnboundBlocks
{
    private static readonly ConditionalWeakTable<Ast, ScriptBlock> Known = [];

    /// <summary>The unbound twin of a block.</summary>
    public static ScriptBlock Get(ScriptBlock block)
    {
        ScriptBlock known = Known.GetValue(block.Ast, _ => Create(block));

        // The engine shares the syntax tree of equal texts, also between trusted code and code that is constrained.
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
