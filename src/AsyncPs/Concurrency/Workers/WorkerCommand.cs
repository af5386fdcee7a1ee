using System.Collections;

namespace AsyncPs.Concurrency.Workers;

/// <summary>The one command that a worker's pipeline runs. Never exported: a worker makes it from its type.</summary>
[Cmdlet("Receive", "WorkItem")]
internal sealed class WorkerCommand : PSCmdlet
{
    // A script around the command gives two things a command alone has not: a scope for what the call brings along, which
    // goes away with the pipeline; and a place for the values of `$using:` expressions, which the engine looks for in
    // the parameters of a script.
    private const string Script = "& $args[0] -Worker $args[1]";
    private const string UsingValuesParameter = "--%";

    private static readonly CmdletInfo Info = new("Receive-WorkItem", typeof(WorkerCommand));

    /// <summary>The worker whose pipeline this is.</summary>
    [Parameter(Mandatory = true)]
    public Worker? Worker { get; set; }

    /// <summary>Makes the pipeline of a worker.</summary>
    public static PowerShell CreatePipeline(Worker worker, IDictionary usingValues)
        => PowerShell.Create()
            .AddScript(Script, useLocalScope: true)
            .AddArgument(Info)
            .AddArgument(worker)
            .AddParameter(UsingValuesParameter, usingValues);

    /// <inheritdoc/>
    protected override void EndProcessing() => Worker!.Serve(this);

    /// <inheritdoc/>
    protected override void StopProcessing() => Worker!.PipelineStopping();
}
