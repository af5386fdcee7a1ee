namespace AsyncPs.Data.Drivers;

/// <summary>A driver's interpretation of one of its exceptions.</summary>
/// <param name="Message">The message, without secrets.</param>
/// <param name="Code">The database's code, or null.</param>
/// <param name="IsTransient">Whether the same may succeed later.</param>
/// <param name="IsConnection">Whether the connection failed rather than the query.</param>
/// <param name="IsBusy">Whether another connection to the same file was in the way.</param>
/// <param name="IsStale">Whether cached types or tables of the database are out of date.</param>
/// <param name="IsOfAll">Whether it applies whatever the values are: a missing permission, a view, a full or read-only
/// database.</param>
internal readonly record struct DriverFailure(
    string Message,
    string? Code,
    bool IsTransient,
    bool IsConnection,
    bool IsBusy = false,
    bool IsStale = false,
    bool IsOfAll = false);
