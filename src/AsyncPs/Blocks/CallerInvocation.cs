using AsyncPs.Blocks.Capture;

namespace AsyncPs.Blocks;

/// <summary>
/// The function or script that contains the blocks of a call. `$MyInvocation` and `$PSBoundParameters` have its values in place, and the
/// frames of the blocks show it in the call stack.
/// </summary>
internal sealed class CallerInvocation
{
    private const string Variable = "MyInvocation";
    private const string ParametersVariable = "PSBoundParameters";

    private readonly InvocationInfo? _invocation;
    private readonly KeyValuePair<string, object>[] _parameters = [];

    /// <summary>Reads the caller's invocation.</summary>
    /// <param name="caller">The cmdlet the caller runs.</param>
    public CallerInvocation(PSCmdlet caller)
    {
        if (EngineInternals.Invocations is { } copier
            && PSObjectExtensions.Unwrap(caller.SessionState.PSVariable.GetValue(Variable)) is InvocationInfo invocation
            && BlockOf(invocation.MyCommand) is { } block)
        {
            _invocation = copier.Copy(invocation, UnboundBlocks.Get(block), ForWorkers);
        }

        if (caller.SessionState.PSVariable.GetValue(ParametersVariable) is Dictionary<string, object> { Count: > 0 } parameters)
        {
            _parameters = [.. parameters.Select(static p => KeyValuePair.Create(p.Key, ForWorkers(p.Value)!))];
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

        // The worker's function has no bound parameters of its own. The engine keeps `$using:` values in the same object, so that there
        // can be no other.
        if (_parameters.Length > 0
            && command.SessionState.PSVariable.GetValue(ParametersVariable) is Dictionary<string, object> own)
        {
            foreach ((string name, object value) in _parameters)
            {
                own[name] = value;
            }
        }
    }

    // The caller's own blocks would run in the caller's session.
    private static object? ForWorkers(object? value)
        => PSObjectExtensions.Unwrap(value) is ScriptBlock argument ? UnboundBlocks.Get(argument) : value;

    private static ScriptBlock? BlockOf(CommandInfo? command) => command switch
    {
        FunctionInfo function => function.ScriptBlock,
        ScriptInfo script => script.ScriptBlock,
        ExternalScriptInfo file => file.ScriptBlock,
        _ => null,
    };
}
