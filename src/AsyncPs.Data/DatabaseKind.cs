namespace AsyncPs.Data;

/// <summary>What speaks to a database.</summary>
public enum DatabaseKind
{
    /// <summary>SQLite, in this process.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server.</summary>
    PostgreSql,

    /// <summary>Whatever an ADO.NET provider speaks to.</summary>
    Other,
}
