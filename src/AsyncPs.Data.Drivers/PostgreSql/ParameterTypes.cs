using System.Data.Common;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>
/// Asks the server for the types of a query's parameters. A list may be an array or JSON, and its strings may stand for numbers: only the
/// query can tell. Nothing is run, and a transaction stays as it is.
/// </summary>
internal static class ParameterTypes
{
    private const string Name = "asyncps_types";

    /// <summary>The types by position; null if the server cannot tell.</summary>
    public static async ValueTask<IReadOnlyList<string>?> AskAsync(
        NpgsqlConnection connection,
        DbTransaction? transaction,
        string query,
        CancellationToken cancellationToken)
    {
        if (transaction is not null)
        {
            await transaction.SaveAsync(Name, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await using NpgsqlBatch batch = connection.CreateBatch();
            batch.Transaction = (NpgsqlTransaction?)transaction;

            // The line break ends a comment on the query's last line.
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"prepare {Name} as {query}\n"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                $"select parameter_types::text[] from pg_prepared_statements where name = '{Name}'"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"deallocate {Name}"));
            return (string[]?)await batch.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState[..2] is "42" or "22" or "0A")
        {
            // The query cannot be prepared, or the types of its parameters depend on the values.
            if (transaction is not null)
            {
                await transaction.RollbackAsync(Name, cancellationToken).ConfigureAwait(false);
            }

            return null;
        }
    }
}
