using System.Collections;
using System.Diagnostics;
using AsyncPs.Blocks.State;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Coroutines;
using AsyncPs.Workers;

namespace AsyncPs.Blocks;

/// <summary>A worker's session that is ready for the blocks of a call. It runs the block of each item in a new scope.</summary>
internal sealed class ScriptScope : IWorkerScope
{
    private readonly Worker _worker;
    private readonly PSCmdlet _command;
    private readonly ScriptInvoker[] _invokers;
    private readonly WorkerScripts _workerScripts;
    private readonly CoroutinePlan? _plan;
    private readonly CoroutineCommands? _commands;
    private readonly SessionBaseline? _baseline;
    private readonly PSVariable? _context;
    private readonly ItemVariable[] _pipelineVariables;
    private readonly ItemVariable? _input;
    private readonly NamedBlock?[] _namedBlocks;
    private readonly Func<bool> _maySuspend;
    private readonly ScopeTables? _tables = ScopeTables.Create();
    private ScriptInvoker? _invoker;

    [ThreadStatic]
    private static ScriptScope? _onThisThread;

    /// <summary>Prepares the session and runs the call's initialization block in it.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="command">The command of its pipeline.</param>
    /// <param name="invokers">Invoke the blocks.</param>
    /// <param name="workerScripts">The other blocks of the call.</param>
    /// <param name="pipelineVariables">The pipeline variables to set for each item, or null.</param>
    /// <param name="plan">Which blocks suspend, or null.</param>
    public ScriptScope(
        Worker worker,
        PSCmdlet command,
        ScriptInvoker[] invokers,
        WorkerScripts workerScripts,
        PipelineVariables? pipelineVariables,
        CoroutinePlan? plan)
    {
        _worker = worker;
        _command = command;
        _invokers = invokers;
        _namedBlocks = new NamedBlock?[invokers.Length];
        _workerScripts = workerScripts;
        _maySuspend = () => !worker.StopRequested;
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
            _input = new ItemVariable(inputName);
            command.SessionState.PSVariable.Set(_input);
        }

        _baseline = SessionBaseline.Take(command, BlockImports.Of(worker));
        if (plan is not null && _baseline is not null)
        {
            _plan = plan;
            _commands = new CoroutineCommands(command, plan.MayDefine);
            string[] told = [.. plan.Messages];
            if (plan.Prepare(command) && worker.Call.Options.IsVerbose)
            {
                foreach (string message in plan.Messages.Except(told))
                {
                    worker.Call.Write(new StreamRecord(null, StreamKind.Verbose, new VerboseRecord(message)));
                }
            }
        }

        _onThisThread = this;
    }

    /// <summary>
    /// Whether a cmdlet is the last thing that the block on this thread does, and its output is the item's. The cmdlet may then write a
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
        var coroutine = (Coroutine?)item.Paused;
        item.Paused = null;
        _baseline?.Begin();
        ExecutionContext? outside = item.State?.Span is { } span ? Enter(span) : null;
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
            if (coroutine is not null)
            {
                _invoker = InvokerOf(item);
                _baseline!.Resume((SessionChanges?)coroutine.Changes);
                coroutine.Resume();
            }
            else if (item.State?.FailureToJudge is { } failure)
            {
                Judge(item, failure);
            }
            else if (IsAdmitted(item))
            {
                _invoker = InvokerOf(item);
                _tables?.Begin(_invoker);
                IDictionary? named = (item.Work as ItemInvocation)?.Parameters;
                if (_plan?.ProgramOf(IndexOf(item)) is { } program)
                {
                    coroutine = new Coroutine(EngineInternals.Coroutines!, program, _commands!, _maySuspend);
                    Start(coroutine, _invoker, item, named);
                }
                else
                {
                    Invoke(_invoker, item, named);
                }
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
            // A failure because of the stop (of a module that was just being loaded) does not count.
            if (ItemErrors.IsOfCleanUp(e, InvokerOf(item).Block))
            {
                ErrorRecord error = ItemErrors.FromException(e, item);
                bool isToldAsFailure = IsOwnFailure(e) && item.TryAddFailure(error);
                if (!isToldAsFailure && _worker.HasStopArrived)
                {
                    _worker.FailCleanUp(item, error);
                }
            }

            throw new PipelineStoppedException();
        }
        catch (Exception e)
        {
            if (e is IContainsErrorRecord { ErrorRecord: { } error })
            {
                _worker.Host.Trace?.Complete(error);
            }

            item.Fail(e);
        }
        finally
        {
            _invoker = null;
            _tables?.End(keepsScope: coroutine?.IsSuspended == true);
            if (coroutine?.IsSuspended == true)
            {
                coroutine.Changes = _baseline!.Suspend();
                item.Paused = coroutine;
            }
            else
            {
                _worker.ItemEnded?.Invoke();
                if (_worker.StopRequested && _baseline?.HasLoadedModules != false)
                {
                    _worker.Spoil();
                }

                if (outside is not null)
                {
                    // Otherwise the session would look changed.
                    ExecutionContext.Restore(outside);
                }

                _baseline?.Restore();
            }
        }
    }

    // Whether the block has failed on its own while the stop was on its way.
    private bool IsOwnFailure(Exception error)
        => _invoker is { Block: var block }
            && error is RuntimeException { ErrorRecord: { } record }
            && !FinallyClauses.MayHold(block, record);

    /// <inheritdoc/>
    public void Leave() => _workerScripts.Finish(_command);

    private void Invoke(ScriptInvoker invoker, WorkItem item, IDictionary? named)
    {
        if (named is null)
        {
            invoker.Invoke(_command, item.Input, (item.Work as ItemArguments)?.Values);
            return;
        }

        // Created once in each session.
        NamedBlock block = _namedBlocks[IndexOf(item)] ??= new NamedBlock(invoker, _command);
        block.Invoke(item.Input, named);
    }

    // A separate method, so that an item that is no coroutine does not need the delegate.
    private void Start(Coroutine coroutine, ScriptInvoker invoker, WorkItem item, IDictionary? named)
        => coroutine.Start(() => Invoke(invoker, item, named));

    // What the block does belongs to the item's span.
    private static ExecutionContext? Enter(Activity span)
    {
        ExecutionContext? outside = ExecutionContext.Capture();
        Activity.Current = span;
        return outside;
    }

    private int IndexOf(WorkItem item)
        => _invokers.Length == 1 ? 0 : (int)((item.Work as ItemInvocation)?.Block ?? item.Index);

    private ScriptInvoker InvokerOf(WorkItem item) => _invokers[IndexOf(item)];

    private bool IsAdmitted(WorkItem item)
        => _workerScripts.Admits is not { } admits || admits(_workerScripts.UnboundItemFilter is not { } filter || Ask(filter, item.Input));

    private void Judge(WorkItem item, ErrorRecord failure) => item.State!.Judge(Ask(_workerScripts.UnboundRetryFilter!, failure));

    // Its output is the answer, as with Where-Object.
    private static bool Ask(ScriptBlock question, object? about)
    {
        List<PSVariable> underscore = [new PSVariable("_", about)];
        return LanguagePrimitives.IsTrue(question.InvokeWithContext(null, underscore));
    }
}
