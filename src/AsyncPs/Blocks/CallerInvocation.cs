using AsyncPs.Blocks.Capture;

namespace AsyncPs.Blocks;

/// <summary>
/// The invocation of the function or script that contains the blocks of a call. `$MyInvocation` shows it in a block as it would in
/// place, and the blocks' frames in the call stack show it too.
/// </summary>
internal sealed class CallerInvocation
{
    private const string Variable = "MyInvocation";

    private readonly InvocationInfo? _invocation;

    /// <summary>Reads the caller's invocation.</summary>
    /// <param name="caller">The cmdlet the caller runs.</param>
    public CallerInvocation(PSCmdlet caller)
    {
        if (EngineInternals.Invocations is { } copier
            && PSObjectExtensions.Unwrap(caller.SessionState.PSVariable.GetValue(Variable)) is InvocationInfo invocation
            && BlockOf(invocation.MyCommand) is { } block)
        {
            // The caller's own blocks would run in the caller's session.
            _invocation = copier.Copy(invocation, UnboundBlocks.Get(block), static value
                => PSObjectExtensions.Unwrap(value) is ScriptBlock argument ? UnboundBlocks.Get(argument) : value);
        }
    }

    /// <summary>Sets it in a worker, in the scope of its pipeline.</summary>
    /// <param name="command">The command of the worker's pipeline.</param>
    public void Apply(PSCmdlet command)
    {
        if (_invocation is not null)
        {
            command.SessionState.PSVariable.Set(Variable, EngineInternals.Invocations!.CopyFor(_invocation, command));
        }
    }

    private static ScriptBlock? BlockOf(CommandInfo? command) => command switch
    {
        FunctionInfo function => function.ScriptBlock,
        ScriptInfo script => script.ScriptBlock,
        ExternalScriptInfo file => file.ScriptBlock,
        _ => null,
    };
}
