using System.Management.Automation.Internal;

namespace AsyncPs.Commands.Pipeline;

/// <summary>Runs a block in the caller's scope on the pipeline thread, with live output.</summary>
internal static class CallerBlock
{
    /// <summary>Means that the block sees the caller's own `$_`.</summary>
    public static object Unset => AutomationNull.Value;

    /// <summary>Runs a block. Its output and errors go to the cmdlet's streams.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="block">The block.</param>
    /// <param name="item">The value of `$_`, or <see cref="Unset"/>.</param>
    /// <param name="arguments">The values of `$args` and `param()`.</param>
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

    /// <summary>Runs a block and returns its output.</summary>
    /// <param name="block">The block.</param>
    /// <param name="item">The value of `$_`, or <see cref="Unset"/>.</param>
    /// <param name="arguments">The values of `$args` and `param()`.</param>
    public static List<object?> Collect(ScriptBlock block, object? item, params object?[] arguments)
    {
        List<object?> output = [];
        Collect(block, output, item, arguments);
        return output;
    }

    /// <summary>Runs a block and collects its output, up to the point where it fails.</summary>
    /// <param name="block">The block.</param>
    /// <param name="output">Receives the output.</param>
    /// <param name="item">The value of `$_`, or <see cref="Unset"/>.</param>
    /// <param name="arguments">The values of `$args` and `param()`.</param>
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
