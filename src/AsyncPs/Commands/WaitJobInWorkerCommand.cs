using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Workers;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Commands;

/// <summary>Wait-Job where the caller may be a job: its permit is given back while it waits, so that jobs it waits for can have it.</summary>
[InWorkers]
[Cmdlet(VerbsLifecycle.Wait, "Job", DefaultParameterSetName = "SessionIdParameterSet")]
[OutputType(typeof(Job))]
internal sealed class WaitJobInWorkerCommand : WaitJobCommand
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        using ItemWait wait = ItemWait.Begin();
        base.EndProcessing();
    }
}
