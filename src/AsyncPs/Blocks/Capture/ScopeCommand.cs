namespace AsyncPs.Blocks.Capture;

/// <summary>Runs code in the scope that calls it. Never exported: it is called by its type.</summary>
[Cmdlet("Use", "CapturedScope")]
internal sealed class ScopeCommand : PSCmdlet
{
    /// <summary>The command object by which a script calls it.</summary>
    public static CmdletInfo Info { get; } = new("Use-CapturedScope", typeof(ScopeCommand));

    /// <summary>The code.</summary>
    [Parameter(Mandatory = true)]
    public Action<PSCmdlet>? Apply { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => Apply!(this);
}
