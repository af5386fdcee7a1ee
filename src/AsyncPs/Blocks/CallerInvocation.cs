using AsyncPs.Blocks.Capture;

namespace AsyncPs.Blocks;

/// <summary>
/// What runs where the blocks of a call are written: a function, a script. It is what `$MyInvocation` says in place, and what the frames of
/// the blocks say in the call stack.
/// </summary>
internal sealed class CallerInvocation
{
    private const string Variable = "MyInvocation";

    private readonly InvocationInfo? _invocation;

    /// <summary>Reads it.</summary>
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
