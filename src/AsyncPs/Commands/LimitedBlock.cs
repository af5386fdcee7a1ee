using AsyncPs.Concurrency;

namespace AsyncPs.Commands;

/// <summary>
/// Runs a block where the caller is, like <see cref="CallerBlock"/>, but so that it can be stopped and the caller go on: in a pipeline within
/// the caller's pipeline.
/// </summary>
internal static class LimitedBlock
{
    // A pipeline within another has no streams of its own, the records would go past the caller's redirections to the host.
    private const string Script = ". $args[0] *>&1";

    /// <summary>Runs a block for what it writes; its other records are those of the cmdlet.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="block">The block.</param>
    /// <param name="cancellationToken">Stops the block, and nothing around it.</param>
    /// <exception cref="OperationCanceledException">The block was stopped.</exception>
    public static List<object?> Collect(PSCmdlet command, ScriptBlock block, CancellationToken cancellationToken)
    {
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddScript(Script, useLocalScope: false).AddArgument(block);
        var writer = new RecordWriter(command);
        List<object?> output = [];
        using var records = new PSDataCollection<PSObject?>();
        records.DataAdding += (_, e) => Receive((PSObject?)e.ItemAdded, output, command, writer);
        try
        {
            // Stopping waits for the block's end, which is not for the thread of a timer.
            using CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(static shell => ((PowerShell)shell!).BeginStop(null, null), shell);
            shell.Invoke<object, PSObject?>(input: null, records, new PSInvocationSettings());
        }
        catch (PipelineStoppedException)
        {
            // Told apart below.
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (shell.InvocationStateInfo.State == PSInvocationState.Stopped)
        {
            // The pipelines around it are about to be stopped as well, and must not go on until then.
            throw new PipelineStoppedException();
        }

        return output;
    }

    private static void Receive(PSObject? record, List<object?> output, PSCmdlet command, RecordWriter writer)
    {
        switch (record?.BaseObject)
        {
            case ErrorRecord error:
                EngineInternals.SetPreservePosition?.Invoke(error, true);
                command.WriteError(error);
                break;
            case WarningRecord warning:
                writer.Write(new StreamRecord(null, StreamKind.Warning, warning));
                break;
            case VerboseRecord verbose:
                writer.Write(new StreamRecord(null, StreamKind.Verbose, verbose));
                break;
            case DebugRecord debug:
                writer.Write(new StreamRecord(null, StreamKind.Debug, debug));
                break;
            case InformationRecord information:
                writer.Write(new StreamRecord(null, StreamKind.Information, information));
                break;
            default:
                output.Add(record);
                break;
        }
    }
}
