using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Scripts;

namespace AsyncPs.Commands;

/// <summary>Writes the records of a call to the streams of the cmdlet's pipeline.</summary>
internal sealed class RecordWriter(PSCmdlet command)
{
    /// <summary>Writes one record.</summary>
    public void Write(StreamRecord record)
    {
        switch (record.Kind)
        {
            case StreamKind.Output:
                command.WriteObject(record.Data);
                break;
            case StreamKind.Error:
                WriteError(ItemErrors.FromWritten((ErrorRecord)record.Data!, record.Item!));
                break;
            case StreamKind.Warning:
                command.WriteWarning(((WarningRecord)record.Data!).Message);
                break;
            case StreamKind.Verbose:
                command.WriteVerbose(((VerboseRecord)record.Data!).Message);
                break;
            case StreamKind.Debug:
                command.WriteDebug(((DebugRecord)record.Data!).Message);
                break;
            case StreamKind.Information:
                command.WriteInformation((InformationRecord)record.Data!);
                break;
            case StreamKind.Progress:
                command.WriteProgress((ProgressRecord)record.Data!);
                break;
            case StreamKind.Fatal:
                command.ThrowTerminatingError(Errors.CallFailed((Exception)record.Data!));
                break;
            case StreamKind.Completed:
            default:
                break;
        }
    }

    private void WriteError(ErrorRecord record)
    {
        EngineInternals.SetPreservePosition?.Invoke(record, true);
        command.WriteError(record);
    }
}
