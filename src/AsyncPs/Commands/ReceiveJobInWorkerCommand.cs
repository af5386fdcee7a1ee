using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Workers;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Commands;

/// <summary>
/// Receive-Job where the caller may be a job: its permit is given back while it waits, so that jobs it waits for can have it.
/// </summary>
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
