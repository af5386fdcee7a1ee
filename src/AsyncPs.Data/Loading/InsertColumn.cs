using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Loading;

/// <summary>A column that a statement inserts into.</summary>
/// <param name="Column">The column.</param>
/// <param name="Sql">Its name in SQL syntax.</param>
/// <param name="Convert">Converts a value that is not null; throws if it does not fit.</param>
internal sealed record InsertColumn(BulkColumn Column, string Sql, Func<object, object?> Convert);
