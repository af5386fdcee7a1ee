namespace AsyncPs.Data.Drivers;

/// <summary>What a driver says about an exception of its own.</summary>
/// <param name="Message">The message, without secrets.</param>
/// <param name="Code">What the database calls it, or null.</param>
/// <param name="IsTransient">Whether the same may succeed later.</param>
/// <param name="IsConnection">Whether it is the connection that failed, not what was asked.</param>
/// <param name="IsBusy">Whether another connection to the same file was in the way.</param>
/// <param name="IsStale">Whether what is remembered of the database is out of date: types or tables have changed.</param>
/// <param name="IsOfAll">Whether it is the same whatever the values are: a right that is missing, a view, a database that is full or not to
/// be written to.</param>
internal readonly record struct DriverFailure(
    string Message,
    string? Code,
    bool IsTransient,
    bool IsConnection,
    bool IsBusy = false,
    bool IsStale = false,
    bool IsOfAll = false);
