using AsyncPs.Concurrency.Scripts.Capture;
using AsyncPs.Concurrency.Workers;

namespace AsyncPs.Concurrency.Scripts;

/// <summary>Runs script blocks on workers: one block for every item, or one block an item when there is no input.</summary>
internal sealed class ScriptJob : IWorkerJob
{
    private readonly ScriptInvoker[] _invokers;
    private readonly CallerSession _session;
    private readonly Closure _closure;

    /// <summary>Reads everything the blocks need from the caller's session.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="arguments">What each gets as arguments, or null.</param>
    /// <param name="capture">What they see of the caller's session.</param>
    /// <param name="caller">The cmdlet that was given the blocks.</param>
    public ScriptJob(ScriptBlock[] blocks, object?[]? arguments, CaptureOptions capture, PSCmdlet caller)
    {
        _session = new CallerSession(caller);
        Dictionary<string, object?> usingValues = new(StringComparer.Ordinal);
        foreach (ScriptBlock block in blocks)
        {
            UsingValues.Read(block, caller, usingValues);
        }

        _closure = ClosureReader.Read(blocks, usingValues, capture, caller);

        _invokers = Array.ConvertAll(blocks, block => new ScriptInvoker(block, arguments));
    }

    /// <inheritdoc/>
    public void Prepare(Worker worker, PSCmdlet command)
    {
        _session.Apply(command);
        _closure.Apply(worker, command);
    }

    /// <inheritdoc/>
    public void Run(PSCmdlet command, WorkItem item)
    {
        ScriptInvoker invoker = _invokers.Length == 1 ? _invokers[0] : _invokers[item.Index];
        try
        {
            invoker.Invoke(command, item.Input);
        }
        catch (Exception e) when (e is PipelineStoppedException or ThreadInterruptedException)
        {
            throw;
        }
        catch (FlowControlException)
        {
            // `exit`, and `break` or `continue` outside a loop, end the item.
        }
        catch (Exception e)
        {
            item.Write(StreamKind.Error, ItemErrors.FromException(e, item));
        }
    }
}
