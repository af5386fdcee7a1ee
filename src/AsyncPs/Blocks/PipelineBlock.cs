using AsyncPs.Concurrency;

namespace AsyncPs.Blocks;

/// <summary>A block that runs in the caller's session, on the pipeline thread of the call, with everything it can see there.</summary>
internal sealed class PipelineBlock(ScriptBlock block) : IItemBlock
{
    /// <inheritdoc/>
    public async ValueTask<object?> AskAsync(WorkItem item, object? about, object?[] arguments, CancellationToken cancellationToken)
    {
        var question = new PipelineCall(() => Ask(block, about, arguments));
        await item.WriteAsync(StreamKind.PipelineCall, question).ConfigureAwait(false);
        return await question.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a block of this session. Returns null, one object, or an array of several. Pipeline thread only.</summary>
    /// <param name="block">The block.</param>
    /// <param name="about">The value of `$_`.</param>
    /// <param name="arguments">The values of `$args` and `param()`.</param>
    public static object? Ask(ScriptBlock block, object? about, object?[] arguments)
    {
        List<PSVariable> underscore = [new PSVariable("_", about), new PSVariable("PSItem", about)];
        return BlockOutput.ValueOf([.. block.InvokeWithContext(null, underscore, arguments)]);
    }
}
