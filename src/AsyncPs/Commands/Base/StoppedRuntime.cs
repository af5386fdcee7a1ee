using System.Management.Automation.Host;

namespace AsyncPs.Commands.Base;

/// <summary>The runtime of a cmdlet whose pipeline no longer exists. The cmdlet only cleans up, and an attempt to write ends it.</summary>
/// <param name="host">The host.</param>
internal sealed class StoppedRuntime(PSHost? host) : ICommandRuntime
{
    /// <inheritdoc/>
    public PSHost Host => host!;

    /// <inheritdoc/>
    public PSTransactionContext CurrentPSTransaction => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public bool ShouldContinue(string query, string caption) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public bool ShouldContinue(string query, string caption, ref bool yesToAll, ref bool noToAll) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public bool ShouldProcess(string target) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public bool ShouldProcess(string target, string action) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public bool ShouldProcess(string verboseDescription, string verboseWarning, string caption) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public bool ShouldProcess(
        string verboseDescription, string verboseWarning, string caption, out ShouldProcessReason shouldProcessReason)
        => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public void ThrowTerminatingError(ErrorRecord errorRecord) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public bool TransactionAvailable() => false;

    /// <inheritdoc/>
    public void WriteCommandDetail(string text) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public void WriteDebug(string text) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public void WriteError(ErrorRecord errorRecord) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public void WriteObject(object sendToPipeline) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public void WriteObject(object sendToPipeline, bool enumerateCollection) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public void WriteProgress(long sourceId, ProgressRecord progressRecord) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public void WriteProgress(ProgressRecord progressRecord) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public void WriteVerbose(string text) => throw new PipelineStoppedException();

    /// <inheritdoc/>
    public void WriteWarning(string text) => throw new PipelineStoppedException();
}
