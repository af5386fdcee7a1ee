using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Workers;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Commands;

/// <summary>Wait-Job for a caller that may be a job: it returns its permit while it waits, so that the other jobs can have it.</summary>
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
        // Only a wait that nothing else ends is checked for deadlocks.
        using JobWaits waits = _waits;
        if (!Any && Timeout < 0)
        {
            waits.Begin(this);
        }

        using ItemWait wait = ItemWait.Begin();
        base.EndProcessing();
    }
}
