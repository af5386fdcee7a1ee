namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>
/// Thrown for a result of a type that the driver does not know: it was created after the driver loaded the types, or is not visible.
/// </summary>
internal sealed class UnknownTypeException()
    : Exception("The result has a column of a type that is not known to this connection. Cast it in the query, for example to text.");
