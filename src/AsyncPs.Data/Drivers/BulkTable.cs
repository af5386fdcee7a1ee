namespace AsyncPs.Data.Drivers;

/// <summary>A table that rows are loaded into.</summary>
/// <param name="Name">Its name in SQL syntax.</param>
/// <param name="Columns">Its columns.</param>
internal sealed record BulkTable(string Name, IReadOnlyList<BulkColumn> Columns);

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The database's name of its type.</param>
/// <param name="IsOwnType">Whether the type was created by a user of the database.</param>
internal sealed record BulkColumn(string Name, string Type, bool IsOwnType = false)
{
    /// <summary>The message for a value that does not fit the column.</summary>
    public string Misfit(object value, Exception reason)
        => $"The column {Name}{(Type.Length > 0 ? $", which is {Type}," : "")} does not take "
            + $"{(value is string ? $"'{value}'" : $"the {value.GetType().Name} '{value}'")}. {reason.Message}";
}
