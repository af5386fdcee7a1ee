using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Jobs;

/// <summary>
/// The child jobs of a job: none. Receive-Job asks each job for them right before it writes the job's earlier records; see
/// <see cref="ReceivedFailures"/>. With `-Wait` it also asks right before it registers the job; see <see cref="ReceivedInput"/>.
/// </summary>
internal sealed class ReceivedJobs : Collection<Job>, IEnumerable<Job>
{
    private static readonly ConditionalWeakTable<ReceiveJobCommand, ReceivedFailures> Failures = [];
    private static readonly ConditionalWeakTable<ReceiveJobCommand, ReceivedInput> Inputs = [];

    public ReceivedJobs()
        : base(Array.Empty<Job>())
    {
    }

    /// <summary>The job whose children these are.</summary>
    public ThrottledJob? Parent { get; set; }

    /// <inheritdoc/>
    IEnumerator<Job> IEnumerable<Job>.GetEnumerator()
    {
        if (Parent is { } parent
            && EngineInternals.RunningCommand?.Invoke() is ReceiveJobCommand command
            && EngineInternals.ReceiveJob is { } internals)
        {
            Failures.GetValue(command, running => new ReceivedFailures(running, internals)).Add(parent);
            if (command.Wait)
            {
                Inputs.GetValue(command, running => new ReceivedInput(running, internals)).Asked(parent.InstanceId);
            }
        }

        return GetEnumerator();
    }
}
