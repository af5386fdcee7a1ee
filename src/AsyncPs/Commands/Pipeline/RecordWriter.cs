using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency;

namespace AsyncPs.Commands.Pipeline;

/// <summary>Writes the records of a call to the streams of the cmdlet's pipeline.</summary>
internal sealed class RecordWriter(PSCmdlet command)
{
    private bool _verboseOpen;
    private bool _debugOpen;

    /// <summary>Writes one record.</summary>
    public void Write(StreamRecord record)
    {
        switch (record.Kind)
        {
            case StreamKind.Output:
                command.WriteObject(record.Data);
                break;
            case StreamKind.Error:
                WriteError(record.Item is { } item ? ItemErrors.FromWritten((ErrorRecord)record.Data!, item) : (ErrorRecord)record.Data!);
                break;
            case StreamKind.Warning:
                command.WriteWarning(((WarningRecord)record.Data!).Message);
                break;
            case StreamKind.Verbose:
                LetThrough(StreamKind.Verbose, ref _verboseOpen);
                command.WriteVerbose(((VerboseRecord)record.Data!).Message);
                break;
            case StreamKind.Debug:
                LetThrough(StreamKind.Debug, ref _debugOpen);
                command.WriteDebug(((DebugRecord)record.Data!).Message);
                break;
            case StreamKind.Information:
                command.WriteInformation((InformationRecord)record.Data!);
                break;
            case StreamKind.Progress:
                command.WriteProgress((ProgressRecord)record.Data!);
                break;
            case StreamKind.Host:
                if (command.Host.UI is { } ui)
                {
                    ((HostText)record.Data!).Do(ui);
                }

                break;
            case StreamKind.PipelineCall:
                ((PipelineCall)record.Data!).Run();
                break;
            case StreamKind.Fatal when record.Data is TerminateException:
                // The engine makes an error of the exception itself when a cmdlet throws it. A stop ends the script as well, and an
                // additional error would cut its finally blocks short.
                EngineInternals.ForgetQuit(Runspace.DefaultRunspace!.Debugger);
                throw new PipelineStoppedException();
            case StreamKind.Fatal:
                command.ThrowTerminatingError(CallErrors.CallFailed((Exception)record.Data!));
                break;
            case StreamKind.Completed:
            default:
                break;
        }
    }

    private void LetThrough(StreamKind kind, ref bool open)
    {
        // An explicit -Verbose or -Debug is left as it is.
        if (!open && !command.MyInvocation.BoundParameters.ContainsKey(kind.ToString()))
        {
            EngineInternals.LetThrough(command, kind == StreamKind.Verbose);
        }

        open = true;
    }

    private void WriteError(ErrorRecord record)
    {
        // An error that no script created gets the position of the command.
        if (record.InvocationInfo is not null)
        {
            EngineInternals.SetPreservePosition?.Invoke(record, true);
        }

        // If it were only written, the test would pass.
        if (ItemErrors.IsFailedAssertion(record) && !command.MyInvocation.BoundParameters.ContainsKey("ErrorAction"))
        {
            EngineInternals.StopAtErrors(command);
        }

        command.WriteError(record);
    }
}
