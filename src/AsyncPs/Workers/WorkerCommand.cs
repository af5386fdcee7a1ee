using System.Collections;
using System.Management.Automation.Runspaces;

namespace AsyncPs.Workers;

/// <summary>The one command that a worker's pipeline runs. Known to workers' sessions only.</summary>
[Cmdlet("Receive", "AsyncPsWorkItem")]
[InWorkers]
internal sealed class WorkerCommand : PSCmdlet
{
    // A function around the command gives two things that a command alone lacks. It has a scope for the values of the call, which ends with
    // the pipeline. And it has a place for the values of `$using:` expressions, which the engine looks up in the parameters of a script.
    // Anything other than the bare name would make the engine compile a binder, which takes a new process longer than opening the session.
    // A script that isn't a function would be compiled for every pipeline.
    private const string Name = "Receive-AsyncPsWorkItem";
    private const string FunctionName = "Receive-AsyncPsWork";
    private const string UsingValuesParameter = "--%";

    private const string InvocationVariable = "MyInvocation";

    [ThreadStatic]
    private static Worker? _workerOfThread;

    private Worker? _worker;

    /// <summary>The function that a worker's pipeline calls, for the worker's session.</summary>
    public static SessionStateFunctionEntry Function { get; } = new(FunctionName, Name);

    /// <summary>
    /// Defines the function in an open session. An entry of the initial state would be trusted, together with all that the worker's
    /// pipeline runs. A function that is defined in the session has the session's own language mode.
    /// </summary>
    public static void DefineFunction(Runspace runspace)
    {
        using PowerShell shell = PowerShell.Create();
        shell.Runspace = runspace;
        shell.AddScript($"function global:{FunctionName} {{ {Name} }}").Invoke();
    }

    /// <summary>Creates the pipeline of a worker, on the worker's thread, which runs it.</summary>
    public static PowerShell CreatePipeline(Worker worker, IDictionary usingValues)
    {
        _workerOfThread = worker;
        return PowerShell.Create()
            .AddCommand(FunctionName, useLocalScope: true)
            .AddParameter(UsingValuesParameter, usingValues);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _worker = _workerOfThread!;
        HideFunction();
        try
        {
            _worker.Serve(this);
        }
        finally
        {
            _worker.LetStopFinish();
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _worker?.PipelineStopping();

    // A block has no invocation of its own and sees the function's, whose name Write-Error would put into the error's id.
    private void HideFunction()
    {
        if (SessionState.PSVariable.GetValue(InvocationVariable) is InvocationInfo function)
        {
            SessionState.PSVariable.Set(InvocationVariable, InvocationInfo.Create(null, function.DisplayScriptPosition));
        }
    }
}
