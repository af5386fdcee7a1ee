using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Inspection;

namespace AsyncPs.Commands;

/// <summary>
/// Shows the calls, jobs, streams, subscriptions and queries of this process or another one, their items in flight, and what they wait
/// for (<c>python -m asyncio ps</c> and <c>pstree</c>).
/// </summary>
[Cmdlet(VerbsCommon.Get, "ConcurrentCall")]
[OutputType(typeof(ConcurrentCallInfo), typeof(ConcurrentTreeLine))]
public sealed class GetConcurrentCallCommand : AsyncCommand
{
    /// <summary>The numbers of the calls to show. Default: all.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(CallIdCompleter))]
    public long[] Id { get; set; } = [];

    /// <summary>Shows the calls as a tree: each call below the one that waits for it, with its items.</summary>
    [Parameter]
    public SwitchParameter Tree { get; set; }

    /// <summary>The process to inspect: another pwsh of the same user that has loaded this module. Default: this process.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(HostProcessCompleter))]
    public int ProcessId { get; set; } = Environment.ProcessId;

    /// <summary>How long another process may take to answer. A number means seconds. Default: 10 seconds.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    private protected override void Process()
    {
        (int process, TimeSpan timeout) = (ProcessId, Timeout);
        IReadOnlyList<ConcurrentCallInfo> calls = process == Environment.ProcessId
            ? CallInspector.Inspect()
            : Wait(new ValueTask<IReadOnlyList<ConcurrentCallInfo>>(Task.Run(() => ProcessProbe.Inspect(process, timeout))));
        foreach (long id in Id.Where(id => !calls.Any(call => call.Id == id)))
        {
            WriteError(InspectionErrors.CallNotFound(id));
        }

        if (Id.Length > 0)
        {
            calls = [.. calls.Where(call => Id.Contains(call.Id))];
        }

        if (Tree)
        {
            WriteObject(CallTree.Draw(calls), enumerateCollection: true);
        }
        else
        {
            WriteObject(calls, enumerateCollection: true);
        }
    }
}
