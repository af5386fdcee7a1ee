namespace AsyncPs.Data.Commands;

/// <summary>Reads the database argument of a cmdlet.</summary>
internal static class DatabaseArgument
{
    /// <summary>
    /// Converts an argument to what can be queried. Parameters are not typed with it, because the engine would report a wrong argument as a
    /// surplus one.
    /// </summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">Its value, with or without PowerShell's wrapper.</param>
    /// <exception cref="ConcurrentArgumentException">The value is not a database.</exception>
    public static DatabaseTarget Read(string parameter, object value)
        => PSObjectExtensions.Unwrap(value) as DatabaseTarget ?? throw DataErrors.NotADatabase(parameter, value);
}
