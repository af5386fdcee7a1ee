using AsyncPs.Data.Drivers;

namespace AsyncPs.Data;

/// <summary>The errors of the module, each with an id. Every message names what is wrong and the remedy.</summary>
internal static class DataErrors
{
    /// <summary>A wrong argument.</summary>
    public static ConcurrentArgumentException ArgumentInvalid(string message, string id = "DatabaseArgumentInvalid", object? target = null)
        => new(new ErrorRecord(new PSArgumentException(message), id, ErrorCategory.InvalidArgument, target));

    /// <summary>An object that cannot be queried.</summary>
    public static ConcurrentArgumentException NotADatabase(string parameter, object value)
        => ArgumentInvalid(
            $"-{parameter} takes a database of Connect-AsyncDatabase, or a transaction, which is `$_` in the block of Use-AsyncResource "
                + $"-Transaction; {PSObjectExtensions.Unwrap(value).GetType()} is neither.",
            "NotADatabase",
            value);

    /// <summary>A database that was closed.</summary>
    public static DatabaseException Closed(string database)
        => new("DatabaseClosed", ErrorCategory.InvalidOperation, $"{database} was closed. Open it again with Connect-AsyncDatabase.");

    /// <summary>A query in a transaction that waits for another one, whose rows it should probably read itself.</summary>
    public static DatabaseException TransactionBusy()
        => new(
            "TransactionBusy",
            ErrorCategory.ResourceBusy,
            "The connection of the transaction still returns the rows of another query. Read them first: "
                + "$rows = Invoke-ConcurrentQuery ...; $rows | ...");

    /// <summary>A command that would wait for the transaction that it runs in.</summary>
    public static DatabaseException InTransaction(string database)
        => new(
            "DatabaseInTransaction",
            ErrorCategory.DeadlockDetected,
            $"This would wait forever for the end of the transaction on {database} that it runs in. "
                + "Use the transaction, which is `$_` in the block of Use-AsyncResource -Transaction, instead of the database.");

    /// <summary>A row that could not be loaded.</summary>
    public static DatabaseException RowNotLoaded(long row, string reason, string? code, Exception exception)
        => new(
            "RowNotLoaded",
            ErrorCategory.InvalidData,
            $"Row {row} was not loaded. {reason}",
            exception) { Code = code, MayRepeat = false };

    /// <summary>A transaction in which a query has failed, so that the server has aborted it.</summary>
    public static DatabaseException TransactionFailed(Exception exception)
        => new(
            "TransactionFailed",
            ErrorCategory.InvalidOperation,
            "The transaction cannot be committed, and was rolled back: a query in it had failed. "
                + "Let the error end the block, or go back to a savepoint before it.",
            exception);

    /// <summary>A query in a transaction that has ended.</summary>
    public static DatabaseException TransactionEnded()
        => new("TransactionEnded", ErrorCategory.InvalidOperation, "The transaction has been committed or rolled back. Begin another one.");

    /// <summary>A parameter of the query without a value.</summary>
    public static DatabaseException ParameterMissing(string name, bool hasInput)
        => new(
            "QueryParameterMissing",
            ErrorCategory.InvalidArgument,
            hasInput
                ? $"The query has a parameter @{name}, but neither the input object nor -Parameter has a value of that name. Add one; "
                    + "$null means NULL."
                : $"The query has a parameter @{name}, but -Parameter has no value of that name. "
                    + $"Add one, or pipe in objects with a property {name}; $null means NULL.");

    /// <summary>A plain value as input for a query with several parameters.</summary>
    public static DatabaseException ValueForSeveral(IEnumerable<string> names)
        => new(
            "QueryParameterMissing",
            ErrorCategory.InvalidArgument,
            "The input object is a plain value, and could be any of the parameters "
                + $"{string.Join(", ", names.Select(static n => "@" + n))}. Pipe in objects with properties of these names, "
                + "or pass all but one of them with -Parameter.");

    /// <summary>A value that the database has no type for.</summary>
    public static DatabaseException ValueNotSupported(string name, object value, string database)
        => new(
            "QueryParameterInvalid",
            ErrorCategory.InvalidType,
            $"{database} has no type for the value of @{name}, a {value.GetType()}. Pass it as a string, a number, a date, "
                + "bytes or another plain value.");

    /// <summary>An exception of a driver.</summary>
    /// <param name="failure">The driver's interpretation.</param>
    /// <param name="exception">The exception.</param>
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

    /// <summary>A load that fails for all rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="failure">The driver's interpretation.</param>
    /// <param name="exception">The exception.</param>
    public static DatabaseException LoadFailed(string table, DriverFailure failure, Exception exception)
        => new(
            "QueryFailed",
            ErrorCategory.InvalidOperation,
            $"No rows can be loaded into {table}. {failure.Message}",
            exception)
        {
            Code = failure.Code,
            IsOfAll = true,
        };

    /// <summary>A listening connection that was lost.</summary>
    public static DatabaseException ListeningEnded(string database, string reason, Exception exception)
        => new(
            "DatabaseUnavailable",
            ErrorCategory.ConnectionError,
            $"The listening connection to {database} was lost. {reason} Notifications are lost until you call "
                + "Connect-AsyncNotification again.",
            exception)
        {
            IsTransient = true,
        };

    /// <summary>
    /// A connection string that cannot be parsed. Neither it nor the driver's message is shown, because a part of it may be a password.
    /// </summary>
    public static ConcurrentArgumentException ConnectionStringInvalid(string parameter)
        => ArgumentInvalid(
            $"-{parameter} is not a connection string: it takes keywords and values, as in Host=db.example;Database=shop;Username=me. "
                + "A URI does not work. Check the spelling of the keywords, and put values that contain a semicolon in quotes.",
            "ConnectionStringInvalid");
}
