using AsyncPs.Blocks.State;
using AsyncPs.Concurrency;
using AsyncPs.Workers;

namespace AsyncPs.Blocks;

/// <summary>A worker's session, ready for the blocks of a call: runs the block of each item in a scope of its own.</summary>
internal sealed class ScriptScope : IWorkerScope
{
    private readonly Worker _worker;
    private readonly PSCmdlet _command;
    private readonly ScriptInvoker[] _invokers;
    private readonly WorkerScripts _workerScripts;
    private readonly SessionBaseline? _baseline;
    private readonly PSVariable? _context;
    private readonly ItemVariable[] _pipelineVariables;
    private readonly PSVariable? _input;
    private ScriptInvoker? _invoker;

    [ThreadStatic]
    private static ScriptScope? _onThisThread;

    /// <summary>Prepares the session; runs the call's initialization in it.</summary>
    public ScriptScope(
        Worker worker, PSCmdlet command, ScriptInvoker[] invokers, WorkerScripts workerScripts, PipelineVariables? pipelineVariables)
    {
        _worker = worker;
        _command = command;
        _invokers = invokers;
        _workerScripts = workerScripts;
        workerScripts.Initialize(command);
        if (worker.Call!.Options.HasContext)
        {
            _context = new PSVariable(ContextVariable.Name);
            command.SessionState.PSVariable.Set(_context);
        }

        _pipelineVariables = pipelineVariables is null ? [] : [.. pipelineVariables.Names.Select(static name => new ItemVariable(name))];
        foreach (ItemVariable variable in _pipelineVariables)
        {
            command.SessionState.PSVariable.Set(variable);
        }

        if (workerScripts.InputVariable is { } inputName)
        {
            _input = new PSVariable(inputName);
            command.SessionState.PSVariable.Set(_input);
        }

        _baseline = SessionBaseline.Take(command, BlockImports.Of(worker));
        _onThisThread = this;
    }

    /// <summary>
    /// Whether a cmdlet is all that the block which runs on this thread still has to do, and writes what the item writes: then it may write a
    /// task in place of the result, which is awaited without the worker.
    /// </summary>
    public static bool EndsWith(PSCmdlet command)
        => WorkItem.Current?.Call.Options.Awaits == true
            && _onThisThread is { _invoker: { } invoker } scope
            && invoker.EndsWith(command.MyInvocation)
            && EngineInternals.OutputPipe(scope._command) is { } pipe
            && pipe == EngineInternals.OutputPipe(command);

    /// <inheritdoc/>
    public void Run(WorkItem item)
    {
        _baseline?.Begin();
        if (item.Call.Options.HasContext)
        {
            _context!.Value = item.State!.Context;
        }

        if (item.Work is PipelineValues values)
        {
            for (int i = 0; i < _pipelineVariables.Length; i++)
            {
                _pipelineVariables[i].Value = values.Values[i];
            }
        }

        if (_input is not null)
        {
            _input.Value = item.Input;
        }

        try
        {
            if (item.State?.FailureToJudge is { } failure)
            {
                Judge(item, failure);
            }
            else if (IsAdmitted(item))
            {
                var invocation = item.Work as ItemInvocation;
                _invoker = _invokers.Length == 1 ? _invokers[0] : _invokers[invocation?.Block ?? item.Index];
                _invoker.Invoke(_command, item.Input, item.Work as ItemArguments, invocation?.Parameters);
            }
        }
        catch (Exception e) when (e is PipelineStoppedException || Interruption.IsCauseOf(e))
        {
            throw;
        }
        catch (FlowControlException)
        {
            // `exit`, and `break` or `continue` outside a loop, end the item.
        }
        catch (Exception e) when (_worker.StopRequested || item.MustEnd)
        {
            if (_worker.HasStopArrived && ItemErrors.IsOfCleanUp(e))
            {
                _worker.FailCleanUp(item, ItemErrors.FromException(e, item));
            }

            // What fails because it is stopped (a module that was just being loaded) has not failed.
            throw new PipelineStoppedException();
        }
        catch (Exception e)
        {
            item.Fail(e);
        }
        finally
        {
            _invoker = null;
            _worker.ItemEnded?.Invoke();
            if (_worker.StopRequested && _baseline?.HasLoadedModules != false)
            {
                _worker.Spoil();
            }

            _baseline?.Restore();
        }
    }

    /// <inheritdoc/>
    public void Leave() => _workerScripts.Finish(_command);

    private bool IsAdmitted(WorkItem item)
        => _workerScripts.Admits is not { } admits || admits(_workerScripts.UnboundItemFilter is not { } filter || Ask(filter, item.Input));

    private void Judge(WorkItem item, ErrorRecord failure) => item.State!.Judge(Ask(_workerScripts.UnboundRetryFilter!, failure));

    // The answer is what it writes, as with Where-Object.
    private static bool Ask(ScriptBlock question, object? about)
    {
        List<PSVariable> underscore = [new PSVariable("_", about)];
        return LanguagePrimitives.IsTrue(question.InvokeWithContext(null, underscore));
    }
}
