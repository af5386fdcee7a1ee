using System.Management.Automation.Internal;

namespace AsyncPs.Commands.Pipeline;

/// <summary>Runs a block of the caller where the caller is: on the pipeline thread and in the caller's scope, with live output.</summary>
internal static class CallerBlock
{
    /// <summary>Says that the caller's own `$_` is to be seen.</summary>
    public static object Unset => AutomationNull.Value;

    /// <summary>Runs a block, whose output and errors are those of the cmdlet.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="block">The block.</param>
    /// <param name="item">The value of `$_`, or <see cref="Unset"/>.</param>
    /// <param name="arguments">What `$args` and `param()` get.</param>
    public static void Invoke(PSCmdlet command, ScriptBlock block, object? item, params object?[] arguments)
    {
        if (EngineInternals.InvokeBlockInScope is { } invoke)
        {
            invoke(block, command, item, Unset, arguments);
            return;
        }

        foreach (object? output in Collect(block, item, arguments))
        {
            command.WriteObject(output);
        }
    }

    /// <summary>Runs a block for what it writes.</summary>
    /// <param name="block">The block.</param>
    /// <param name="item">The value of `$_`, or <see cref="Unset"/>.</param>
    /// <param name="arguments">What `$args` and `param()` get.</param>
    public static List<object?> Collect(ScriptBlock block, object? item, params object?[] arguments)
    {
        List<object?> output = [];
        Collect(block, output, item, arguments);
        return output;
    }

    /// <summary>Runs a block for what it writes, up to where it fails if it does.</summary>
    /// <param name="block">The block.</param>
    /// <param name="output">Takes what it writes.</param>
    /// <param name="item">The value of `$_`, or <see cref="Unset"/>.</param>
    /// <param name="arguments">What `$args` and `param()` get.</param>
    public static void Collect(ScriptBlock block, List<object?> output, object? item, params object?[] arguments)
    {
        if (EngineInternals.CollectBlockInScope is { } collect)
        {
            collect(block, output, item, arguments);
            return;
        }

        output.AddRange(block.InvokeWithContext(null, item == Unset ? [] : [new PSVariable("_", item)], arguments));
    }
}
