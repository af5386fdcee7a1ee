namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>
/// A result has a type that the driver does not know: it was made since the driver has asked for the types, or nobody may see it.
/// </summary>
internal sealed class UnknownTypeException()
    : Exception("The result has a column of a type that is not known to this connection. Cast it in the query, for example to text.");
