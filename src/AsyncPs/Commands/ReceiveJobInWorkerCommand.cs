using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Workers;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Commands;

/// <summary>Receive-Job where the caller may be a job: its permit is given back while it waits, so that jobs it waits for can have it.</summary>
[InWorkers]
[Cmdlet(VerbsCommunications.Receive, "Job", DefaultParameterSetName = "Location")]
internal sealed class ReceiveJobInWorkerCommand : ReceiveJobCommand
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!Wait)
        {
            base.EndProcessing();
            return;
        }

        using ItemWait wait = ItemWait.Begin();
        base.EndProcessing();
    }
}
