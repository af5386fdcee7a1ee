using System.Collections;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Data.Commands;

/// <summary>
/// The base of cmdlets that run items on a database: it has the parameters for items, but not those for blocks.
/// </summary>
public abstract class DataCommand : ConcurrentCommand
{
    /// <summary>A database of Connect-AsyncDatabase, or a transaction.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(VariableCompleter<DatabaseTarget>))]
    public object Database { get; set; } = null!;

    /// <summary>Not a parameter of this cmdlet.</summary>
    public override SwitchParameter NoCapture { get; set; }

    /// <summary>Not a parameter of this cmdlet.</summary>
    public override IDictionary? Variable { get; set; }

    /// <summary>Not a parameter of this cmdlet.</summary>
    public override string[] Function { get; set; } = [];

    /// <summary>Not a parameter of this cmdlet.</summary>
    public override string[] Module { get; set; } = [];

    /// <summary>Not a parameter of this cmdlet: a statement might make its change twice.</summary>
    public override TimeSpan? Hedge { get; set; }

    /// <summary>The database.</summary>
    /// <exception cref="ConcurrentArgumentException">The value is not a database.</exception>
    private protected DatabaseTarget Target => DatabaseArgument.Read(nameof(Database), Database);

    /// <inheritdoc/>
    private protected override int DefaultLimit => Target.Limit;

    /// <summary>Refuses a command that would wait for a transaction that it runs in. Pipeline thread only.</summary>
    /// <param name="toWrite">Whether it writes.</param>
    /// <exception cref="ConcurrentArgumentException">It would wait for itself.</exception>
    private protected void MustNotWaitForItself(bool toWrite)
    {
        if (Target.WouldWaitForItself(toWrite))
        {
            throw new ConcurrentArgumentException(DataErrors.InTransaction(Target.Name).ErrorRecord);
        }
    }

    /// <summary>Opens a call that runs a job's items without a worker.</summary>
    private protected ConcurrentCall OpenCall(IAsyncJob job, Action<StreamRecord> write) => new(
        // Output is kept only for results, in which case another attempt starts over.
        WithoutWorkers(CreateOptions()) with { ResumesAttempts = !AsResult },
        call => new AsyncLoops(call, job, Limit),
        record => WriteRecord(record, write)) { Caller = CallerLink.Of(this) };

    /// <summary>Writes a record. Messages of the server are shown only if the caller wants to see verbose messages.</summary>
    private protected void WriteRecord(StreamRecord record, Action<StreamRecord> write)
    {
        if (record.Kind == StreamKind.Verbose)
        {
            WriteVerbose(((VerboseRecord)record.Data!).Message);
        }
        else
        {
            write(record);
        }
    }
}
