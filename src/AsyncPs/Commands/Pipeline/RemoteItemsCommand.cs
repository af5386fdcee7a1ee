using System.Collections;
using AsyncPs.Concurrency;
using AsyncPs.Remote.Far;

namespace AsyncPs.Commands.Pipeline;

/// <summary>Serves a caller in another process. Never exported: the caller's script calls it by its type.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "RemoteItems")]
internal sealed class RemoteItemsCommand : PSCmdlet
{
    private FarCall? _running;

    /// <summary>The command object by which a script calls it.</summary>
    public static CmdletInfo Info { get; } = new("Invoke-RemoteItems", typeof(RemoteItemsCommand));

    /// <summary>The caller's serialized session: opens a call and writes it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = nameof(Open))]
    public IDictionary? Open { get; set; }

    /// <summary>The call.</summary>
    [Parameter(Mandatory = true, ParameterSetName = nameof(Batch))]
    [Parameter(Mandatory = true, ParameterSetName = nameof(Close))]
    public object? Call { get; set; }

    /// <summary>Items to run.</summary>
    [Parameter(Mandatory = true, ParameterSetName = nameof(Batch))]
    public object? Batch { get; set; }

    /// <summary>Ends the call.</summary>
    [Parameter(Mandatory = true, ParameterSetName = nameof(Close))]
    public SwitchParameter Close { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            if (Open is not null)
            {
                WriteObject(FarCall.Open(this, Open));
            }
            else
            {
                Serve((FarCall)PSObjectExtensions.Unwrap(Call)!);
            }
        }
        catch (Exception e) when (e is not (PipelineStoppedException or OperationCanceledException))
        {
            ThrowTerminatingError(CallErrors.CallFailed(e));
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => Volatile.Read(ref _running)?.Stop();

    private void Serve(FarCall call)
    {
        var writer = new RecordWriter(this);
        void Send(object?[] frame) => WriteObject(frame, enumerateCollection: false);
        void Write(StreamRecord record) => writer.Write(Shown(record));
        Volatile.Write(ref _running, call);
        bool ended = false;
        try
        {
            if (Stopping)
            {
                throw new PipelineStoppedException();
            }

            if (Close)
            {
                call.Close(this, Send, Write);
            }
            else
            {
                call.Run((IList)PSObjectExtensions.Unwrap(Batch)!, Send, Write);
            }

            ended = true;
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            Volatile.Write(ref _running, null);
            if (!ended)
            {
                call.Leave(this);
            }
        }
    }

    // The caller's host shows it when the record arrives.
    private static StreamRecord Shown(StreamRecord record)
        => record.Kind == StreamKind.Host
            ? ((HostText)record.Data!).ToInformation("AsyncPs") is { } text ? record with { Kind = StreamKind.Information, Data = text }
                : record with { Kind = StreamKind.Completed }
            : record;
}
