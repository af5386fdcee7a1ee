using System.Collections;
using AsyncPs.Commands.Base;
using AsyncPs.Concurrency;
using AsyncPs.Data.Queries;

namespace AsyncPs.Data.Commands;

/// <summary>
/// Runs a query once for every input object, many at the same time, and writes the rows as they arrive (asyncpg's <c>fetch</c> in a
/// <c>gather</c>). Values are passed only as parameters, by the names of the input object's properties.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "ConcurrentQuery")]
[OutputType(typeof(PSObject))]
public sealed class InvokeConcurrentQueryCommand : DataCommand
{
    private QueryBinder? _binder;

    /// <summary>The query, with parameters written <c>@name</c>.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("Sql")]
    [ValidateNotNullOrEmpty]
    public string Query { get; set; } = null!;

    /// <summary>Values of parameters for every execution. They take precedence over properties of the same name.</summary>
    [Parameter]
    [Alias("Parameters")]
    [ValidateNotNull]
    public IDictionary? Parameter { get; set; }

    /// <summary>Writes only the first value of the first row.</summary>
    [Parameter]
    public SwitchParameter Scalar { get; set; }

    /// <summary>Writes the number of changed rows, and no rows.</summary>
    [Parameter]
    public SwitchParameter NonQuery { get; set; }

    /// <inheritdoc/>
    private protected override ConcurrentCall OpenCall(Action<StreamRecord> write)
    {
        if (Scalar && NonQuery)
        {
            throw DataErrors.ArgumentInvalid("-Scalar and -NonQuery cannot be used together: leave one out.");
        }

        MustNotWaitForItself(toWrite: false);
        var text = new QueryText(Query, Target.Kind);
        _binder = new QueryBinder(text, Parameter);
        if (!HasInput)
        {
            RequireValues(_binder);
        }

        QueryOutput output = NonQuery ? QueryOutput.Count : Scalar ? QueryOutput.Scalar : QueryOutput.Rows;
        return OpenCall(new QueryJob(Target, text, output), write);
    }

    /// <inheritdoc/>
    private protected override CommandStep ProcessAsync()
        => HasInput ? AddAsync(InputObject, Bind(InputObject)) : default;

    /// <inheritdoc/>
    private protected override async CommandStep EndAsync()
    {
        if (!HasInput)
        {
            await AddAsync(null, new QueryWork(_binder!.Bind(), Failure: null));
        }

        await base.EndAsync();
    }

    private QueryWork Bind(object? input)
    {
        try
        {
            return new QueryWork(_binder!.Bind(input), Failure: null);
        }
        catch (Exception e) when (e is DatabaseException or GetValueException)
        {
            return new QueryWork(Values: null, e);
        }
    }

    private static void RequireValues(QueryBinder binder)
    {
        try
        {
            binder.Bind();
        }
        catch (DatabaseException e)
        {
            throw new ConcurrentArgumentException(e.ErrorRecord);
        }
    }
}
