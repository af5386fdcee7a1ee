using System.Collections;
using AsyncPs.Concurrency;
using AsyncPs.Remote;
using AsyncPs.Remote.Closures;
using AsyncPs.Remote.Far;

namespace AsyncPs.Commands.Pipeline;

/// <summary>Serves a caller in another process. Never exported: the caller's script calls it by its type.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "RemoteItems")]
internal sealed class RemoteItemsCommand : PSCmdlet
{
    private FarCall? _running;
    private RecordWriter? _writer;

    /// <summary>The command object by which a script calls it.</summary>
    public static CmdletInfo Info { get; } = new("Invoke-RemoteItems", typeof(RemoteItemsCommand));

    /// <summary>The server of the caller. Without it the command creates one and writes it.</summary>
    [Parameter]
    public object? Server { get; set; }

    /// <summary>
    /// A message of the caller: a table with the caller's session, which opens a call; a list of items to run; or a text, which closes the
    /// call.
    /// </summary>
    [Parameter]
    public object? Message { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (PSObjectExtensions.Unwrap(Server) is not FarServer server)
        {
            WriteObject(new FarServer());
            return;
        }

        try
        {
            switch (PSObjectExtensions.Unwrap(Message))
            {
                case IDictionary written:
                    if (LanguagePrimitives.IsTrue(written[TravelKeys.OpensLong]))
                    {
                        Send([""]);
                    }

                    server.Call = FarCall.Open(this, written);
                    break;
                case IList batch:
                    Serve(server, call => call.Run(batch, Send, Write));
                    break;
                default:
                    Serve(server, call => call.End(this, Send, Write));
                    server.Call = null;
                    Send([FrameHeader.Left]);
                    break;
            }
        }
        catch (Exception e) when (e is not (PipelineStoppedException or OperationCanceledException))
        {
            ThrowTerminatingError(CallErrors.CallFailed(e));
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => Volatile.Read(ref _running)?.Stop();

    private void Serve(FarServer server, Action<FarCall> run)
    {
        FarCall call = server.Call!;
        Volatile.Write(ref _running, call);
        bool ended = false;
        try
        {
            if (Stopping)
            {
                throw new PipelineStoppedException();
            }

            run(call);
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
                server.Call = null;
                call.Leave(this);
            }
        }
    }

    private void Send(object?[] frame) => WriteObject(frame, enumerateCollection: false);

    private void Write(StreamRecord record) => (_writer ??= new RecordWriter(this)).Write(Shown(record));

    // The caller's host shows it when the record arrives.
    private static StreamRecord Shown(StreamRecord record)
        => record.Kind == StreamKind.Host
            ? ((HostText)record.Data!).ToInformation("AsyncPs") is { } text ? record with { Kind = StreamKind.Information, Data = text }
                : record with { Kind = StreamKind.Completed }
            : record;
}
