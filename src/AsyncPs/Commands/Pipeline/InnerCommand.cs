namespace AsyncPs.Commands.Pipeline;

/// <summary>The command of a nested pipeline, which creates it from its type. Never exported.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Inner")]
internal sealed class InnerCommand : PSCmdlet
{
    /// <summary>The command.</summary>
    public static CmdletInfo Info { get; } = new("Invoke-Inner", typeof(InnerCommand));

    /// <summary>The code it runs.</summary>
    [Parameter(Mandatory = true)]
    public Action<PSCmdlet>? Work { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => Work!(this);
}
