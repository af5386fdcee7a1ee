using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Workers;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Commands;

/// <summary>Receive-Job for a caller that may be a job: it returns its permit while it waits, so that the other jobs can have it.</summary>
[InWorkers]
[Cmdlet(VerbsCommunications.Receive, "Job", DefaultParameterSetName = "Location")]
internal sealed class ReceiveJobInWorkerCommand : ReceiveJobCommand
{
    private readonly JobWaits _waits = new();

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Wait)
        {
            _waits.Add(Job);
        }

        base.ProcessRecord();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!Wait)
        {
            base.EndProcessing();
            return;
        }

        using JobWaits waits = _waits;
        waits.Begin(this);
        using ItemWait wait = ItemWait.Begin();
        base.EndProcessing();
    }
}
