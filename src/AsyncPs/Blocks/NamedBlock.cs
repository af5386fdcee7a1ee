using System.Collections;

namespace AsyncPs.Blocks;

/// <summary>A block in a session, whose arguments are given by name.</summary>
internal sealed class NamedBlock
{
    private readonly ScriptInvoker _invoker;
    private readonly PSCmdlet _command;
    private readonly object _block;
    private readonly SimpleParameters? _simple;

    /// <summary>Prepares the block. On the worker's thread, in its pipeline.</summary>
    /// <param name="invoker">Invokes the block.</param>
    /// <param name="command">The cmdlet whose session it is, and whose pipeline gets the output.</param>
    public NamedBlock(ScriptInvoker invoker, PSCmdlet command)
    {
        (_invoker, _command) = (invoker, command);

        // The engine reads the parameters of a block anew each time it is called, those of a function once.
        _block = invoker.CreateNamed(command);
        if (invoker.IsDirect && _block is FunctionInfo function
            && command.SessionState.PSVariable.GetValue("ExecutionContext") is EngineIntrinsics engine)
        {
            _simple = SimpleParameters.Of(invoker.Block, function, engine);
        }
    }

    /// <summary>Runs the block.</summary>
    /// <param name="item">The value of `$_`.</param>
    /// <param name="arguments">The arguments by name.</param>
    public void Invoke(object? item, IDictionary arguments)
    {
        if (_simple?.Bind(arguments) is { } values)
        {
            _invoker.Invoke(_command, item, values);
        }
        else
        {
            ScriptInvoker.InvokeNamed(_command, item, _block, arguments);
        }
    }
}
