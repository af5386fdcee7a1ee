namespace AsyncPs.Data.Commands;

/// <summary>The database that a cmdlet was given.</summary>
internal static class DatabaseArgument
{
    /// <summary>
    /// What can be queried of an argument. Parameters are not typed as it: a wrong argument would be said to be one too many.
    /// </summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">Its value, possibly in PowerShell's wrapper.</param>
    /// <exception cref="ConcurrentArgumentException">It is none.</exception>
    public static DatabaseTarget Read(string parameter, object value)
        => PSObjectExtensions.Unwrap(value) as DatabaseTarget ?? throw DataErrors.NotADatabase(parameter, value);
}
