using System.Data.Common;

namespace AsyncPs.Data.Drivers;

/// <summary>Asks a database for names.</summary>
internal static class NameQuery
{
    /// <summary>The strings in the first column of a query's result.</summary>
    public static async ValueTask<IEnumerable<string>> RunAsync(DbConnection connection, string query, CancellationToken cancellationToken)
    {
        List<string> names = [];
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = query;
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
