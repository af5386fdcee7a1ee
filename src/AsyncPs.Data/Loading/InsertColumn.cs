using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Loading;

/// <summary>A column that a statement inserts into.</summary>
/// <param name="Column">The column.</param>
/// <param name="Sql">Its name as it is written in SQL.</param>
/// <param name="Convert">Makes what is stored of a value that is not null; what does not fit is an exception.</param>
internal sealed record InsertColumn(BulkColumn Column, string Sql, Func<object, object?> Convert);
