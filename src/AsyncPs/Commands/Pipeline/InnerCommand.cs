namespace AsyncPs.Commands.Pipeline;

/// <summary>The one command that an inner pipeline runs. Never exported: the pipeline makes it from its type.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Inner")]
internal sealed class InnerCommand : PSCmdlet
{
    /// <summary>The command.</summary>
    public static CmdletInfo Info { get; } = new("Invoke-Inner", typeof(InnerCommand));

    /// <summary>What it does.</summary>
    [Parameter(Mandatory = true)]
    public Action<PSCmdlet>? Work { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => Work!(this);
}
