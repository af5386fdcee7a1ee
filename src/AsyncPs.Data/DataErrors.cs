using AsyncPs.Data.Drivers;

namespace AsyncPs.Data;

/// <summary>The errors of the module, made in one place, with an id each. Every message names what is wrong and the remedy.</summary>
internal static class DataErrors
{
    /// <summary>An argument that is wrong.</summary>
    public static ConcurrentArgumentException ArgumentInvalid(string message, string id = "DatabaseArgumentInvalid", object? target = null)
        => new(new ErrorRecord(new PSArgumentException(message), id, ErrorCategory.InvalidArgument, target));

    /// <summary>Something that cannot be queried.</summary>
    public static ConcurrentArgumentException NotADatabase(string parameter, object value)
        => ArgumentInvalid(
            $"-{parameter} takes what Connect-AsyncDatabase has made, or the transaction that the block of Use-AsyncResource -Transaction "
                + $"has as `$_`; {PSObjectExtensions.Unwrap(value).GetType()} is neither.",
            "NotADatabase",
            value);

    /// <summary>A database that was closed.</summary>
    public static DatabaseException Closed(string database)
        => new("DatabaseClosed", ErrorCategory.InvalidOperation, $"{database} was closed. Make another one with Connect-AsyncDatabase.");

    /// <summary>A query in a transaction that waits for another one, whose rows it is likely to wait for itself.</summary>
    public static DatabaseException TransactionBusy()
        => new(
            "TransactionBusy",
            ErrorCategory.ResourceBusy,
            "The connection of the transaction is still giving the rows of another query to whoever reads them. Read them first: "
                + "$rows = Invoke-ConcurrentQuery ...; $rows | ...");

    /// <summary>Something that would wait for the transaction that it runs in.</summary>
    public static DatabaseException InTransaction(string database)
        => new(
            "DatabaseInTransaction",
            ErrorCategory.DeadlockDetected,
            $"This would wait for ever: for the end of the transaction on {database} that it runs in. "
                + "Name the transaction, which the block of Use-AsyncResource -Transaction has as `$_`, in place of the database.");

    /// <summary>A row that could not be loaded.</summary>
    public static DatabaseException RowNotLoaded(long row, string reason, string? code, Exception exception)
        => new(
            "RowNotLoaded",
            ErrorCategory.InvalidData,
            $"Row {row} was not loaded. {reason}",
            exception) { Code = code, MayRepeat = false };

    /// <summary>A transaction in which a query has failed, so that the server has given it up.</summary>
    public static DatabaseException TransactionFailed(Exception exception)
        => new(
            "TransactionFailed",
            ErrorCategory.InvalidOperation,
            "The transaction cannot be committed, and was rolled back: a query in it had failed. "
                + "Let the error end the block, or go back to a savepoint before it.",
            exception);

    /// <summary>A query in a transaction that is over.</summary>
    public static DatabaseException TransactionEnded()
        => new("TransactionEnded", ErrorCategory.InvalidOperation, "The transaction has been committed or rolled back. Begin another one.");

    /// <summary>A value for a parameter of the query that nobody gave.</summary>
    public static DatabaseException ParameterMissing(string name, bool hasInput)
        => new(
            "QueryParameterMissing",
            ErrorCategory.InvalidArgument,
            hasInput
                ? $"The query has a parameter @{name}, but neither the input object nor -Parameter has a value of that name. Give one; "
                    + "$null stands for NULL."
                : $"The query has a parameter @{name}, but -Parameter has no value of that name. "
                    + $"Give one, or pipe in objects with a property {name}; $null stands for NULL.");

    /// <summary>A plain value as input for a query that takes several.</summary>
    public static DatabaseException ValueForSeveral(IEnumerable<string> names)
        => new(
            "QueryParameterMissing",
            ErrorCategory.InvalidArgument,
            "The input object is a plain value, and could be any of the parameters "
                + $"{string.Join(", ", names.Select(static n => "@" + n))}. Pipe in objects with properties of these names, "
                + "or give all but one of them with -Parameter.");

    /// <summary>A value that the database has no type for.</summary>
    public static DatabaseException ValueNotSupported(string name, object value, string database)
        => new(
            "QueryParameterInvalid",
            ErrorCategory.InvalidType,
            $"{database} has no type for the value of @{name}, a {value.GetType()}. Give it as text, a number, a date, "
                + "bytes or another plain value.");

    /// <summary>What a driver has thrown.</summary>
    /// <param name="failure">What the driver says about it.</param>
    /// <param name="exception">What it has thrown.</param>
    /// <param name="mayRepeat">Whether nothing was handed on yet.</param>
    public static DatabaseException Failed(DriverFailure failure, Exception exception, bool mayRepeat = true)
        => new(
            failure.IsConnection ? "DatabaseUnavailable" : "QueryFailed",
            failure.IsConnection ? ErrorCategory.ConnectionError : ErrorCategory.InvalidOperation,
            failure.Message,
            exception)
        {
            Code = failure.Code,
            IsTransient = failure.IsTransient,
            MayRepeat = mayRepeat,
        };

    /// <summary>A load that cannot go on, whatever the rows are.</summary>
    /// <param name="table">The table.</param>
    /// <param name="failure">What the driver says about it.</param>
    /// <param name="exception">What it has thrown.</param>
    public static DatabaseException LoadFailed(string table, DriverFailure failure, Exception exception)
        => new(
            "QueryFailed",
            ErrorCategory.InvalidOperation,
            $"{table} cannot be loaded, whatever the rows are. {failure.Message}",
            exception)
        {
            Code = failure.Code,
            IsOfAll = true,
        };

    /// <summary>A connection that has listened and was lost.</summary>
    public static DatabaseException ListeningEnded(string database, string reason, Exception exception)
        => new(
            "DatabaseUnavailable",
            ErrorCategory.ConnectionError,
            $"The connection to {database} that listens was lost. {reason} What is sent before Connect-AsyncNotification has been called "
                + "again is missed.",
            exception)
        {
            IsTransient = true,
        };

    /// <summary>
    /// A connection string that cannot be read. Neither it nor what the driver says about it is shown: a part of it may be a password.
    /// </summary>
    public static ConcurrentArgumentException ConnectionStringInvalid(string parameter)
        => ArgumentInvalid(
            $"-{parameter} is not a connection string: it takes keywords and values, as in Host=db.example;Database=shop;Username=me. "
                + "A URI is none. Check the spelling of the keywords, and put a value that has a semicolon in it into quotes.",
            "ConnectionStringInvalid");
}
