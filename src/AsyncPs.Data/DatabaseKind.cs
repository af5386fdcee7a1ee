namespace AsyncPs.Data;

/// <summary>What speaks to a database.</summary>
public enum DatabaseKind
{
    /// <summary>SQLite, in this process.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server.</summary>
    PostgreSql,

    /// <summary>A server of MySQL or MariaDB.</summary>
    MySql,

    /// <summary>A SQL Server, or an Azure SQL database.</summary>
    SqlServer,

    /// <summary>Whatever an ADO.NET provider speaks to.</summary>
    Other,
}
