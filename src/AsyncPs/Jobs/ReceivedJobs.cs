using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Jobs;

/// <summary>
/// The child jobs of a job: none. `Receive-Job -Wait` asks each job for them twice: right before it registers the job, and right before
/// it writes what the job has already. Both are its weak moments, and here they are known; see <see cref="ReceivedInput"/>.
/// </summary>
internal sealed class ReceivedJobs : Collection<Job>, IEnumerable<Job>
{
    private static readonly ConditionalWeakTable<ReceiveJobCommand, ReceivedInput> Inputs = [];

    public ReceivedJobs()
        : base(Array.Empty<Job>())
    {
    }

    /// <summary>The identity of the job whose children these are.</summary>
    public Guid Parent { get; set; }

    /// <inheritdoc/>
    IEnumerator<Job> IEnumerable<Job>.GetEnumerator()
    {
        if (EngineInternals.RunningCommand?.Invoke() is ReceiveJobCommand { Wait.IsPresent: true } command
            && EngineInternals.ReceiveJob is { } internals)
        {
            Inputs.GetValue(command, running => new ReceivedInput(running, internals)).Asked(Parent);
        }

        return GetEnumerator();
    }
}
