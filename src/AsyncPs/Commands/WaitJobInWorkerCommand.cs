using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Workers;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Commands;

/// <summary>
/// Wait-Job where the caller may be a job: its permit is given back while it waits, so that jobs it waits for can have it.
/// </summary>
[InWorkers]
[Cmdlet(VerbsLifecycle.Wait, "Job", DefaultParameterSetName = "SessionIdParameterSet")]
[OutputType(typeof(Job))]
internal sealed class WaitJobInWorkerCommand : WaitJobCommand
{
    private readonly JobWaits _waits = new();

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        base.ProcessRecord();
        _waits.Add(Job);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // A wait that ends by itself, or by another job, is let be.
        using JobWaits waits = _waits;
        if (!Any && Timeout < 0)
        {
            waits.Begin(this);
        }

        using ItemWait wait = ItemWait.Begin();
        base.EndProcessing();
    }
}
