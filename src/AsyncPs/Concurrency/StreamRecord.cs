namespace AsyncPs.Concurrency;

/// <summary>What a <see cref="StreamRecord"/> carries: one of PowerShell's streams, or the end of an item.</summary>
internal enum StreamKind : byte
{
    /// <summary>An output object.</summary>
    Output,

    /// <summary>An error that does not end the call.</summary>
    Error,

    /// <summary>A warning.</summary>
    Warning,

    /// <summary>A verbose message.</summary>
    Verbose,

    /// <summary>A debug message.</summary>
    Debug,

    /// <summary>An information record, Write-Host included.</summary>
    Information,

    /// <summary>A progress record.</summary>
    Progress,

    /// <summary>A <see cref="HostText"/> for the caller's host.</summary>
    Host,

    /// <summary>A <see cref="Concurrency.PipelineCall"/> to be made on the pipeline thread.</summary>
    PipelineCall,

    /// <summary>The end of an item, which writes no further record.</summary>
    Completed,

    /// <summary>A failure of something that the whole call depends on: it ends the call.</summary>
    Fatal,
}

/// <summary>One record on its way from the code that made it to the pipeline thread.</summary>
internal readonly record struct StreamRecord(WorkItem? Item, StreamKind Kind, object? Data)
{
    /// <summary>The record of an object from streams that were merged into the output.</summary>
    public static StreamRecord FromMerged(PSObject? record) => record?.BaseObject switch
    {
        ErrorRecord error => new StreamRecord(null, StreamKind.Error, error),
        WarningRecord warning => new StreamRecord(null, StreamKind.Warning, warning),
        VerboseRecord verbose => new StreamRecord(null, StreamKind.Verbose, verbose),
        DebugRecord debug => new StreamRecord(null, StreamKind.Debug, debug),
        InformationRecord information => new StreamRecord(null, StreamKind.Information, information),
        _ => new StreamRecord(null, StreamKind.Output, record),
    };
}
