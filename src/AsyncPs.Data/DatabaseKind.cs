namespace AsyncPs.Data;

/// <summary>The kind of a database.</summary>
public enum DatabaseKind
{
    /// <summary>SQLite, in this process.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server.</summary>
    PostgreSql,

    /// <summary>A MySQL or MariaDB server.</summary>
    MySql,

    /// <summary>A SQL Server, or an Azure SQL database.</summary>
    SqlServer,

    /// <summary>Any database with an ADO.NET provider.</summary>
    Other,
}
