using AsyncPs.Blocks;
using AsyncPs.Commands.Base;
using AsyncPs.Concurrency;
using AsyncPs.Streams;

namespace AsyncPs.Commands;

/// <summary>
/// Creates a stream of the output of a block, which runs while its consumer does (asyncio's async generator). Nothing runs before the
/// first read, and it ends when the reader does.
/// </summary>
[Cmdlet(VerbsCommon.New, "AsyncStream")]
[OutputType(typeof(AsyncStream))]
public sealed class NewAsyncStreamCommand : WorkCommand
{
    /// <summary>The block whose output becomes the elements.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>How many elements the block may be ahead of its consumer. Default: 1.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Prefetch { get; set; } = 1;

    /// <summary>The values of `$args` or `param()` in the block.</summary>
    [Parameter]
    [Alias("Args")]
    public object?[]? ArgumentList { get; set; }

    /// <inheritdoc/>
    private protected override void End()
    {
        var job = new ScriptJob([ScriptBlock], ArgumentList, CaptureOptions, WorkerScripts.None, this);
        var options = new CallOptions(CallLimits.For(1) with { Output = Prefetch })
        {
            Source = CallSource.Of(this),
            HoldsWriters = true,
            HasContext = ContextVariable.IsNamedIn(ScriptBlock),
        };
        WriteObject(new AsyncStream(ScriptBlock, Prefetch, reader => job.OpenCall(options, limit: 1, reader)));
    }
}
