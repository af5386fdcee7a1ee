using System.Data.Common;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>
/// Asks the server which types a query's parameters have. A list is an array or JSON, and its texts may stand for numbers: only the query
/// can tell. Nothing is run, and a transaction stays as it is.
/// </summary>
internal static class ParameterTypes
{
    private const string Name = "asyncps_types";

    /// <summary>The types by their positions; null when the server cannot tell.</summary>
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

            // A comment may be all that is on its last line.
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"prepare {Name} as {query}\n"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                $"select parameter_types::text[] from pg_prepared_statements where name = '{Name}'"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"deallocate {Name}"));
            return (string[]?)await batch.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState[..2] is "42" or "22" or "0A")
        {
            // It is no query that can be prepared, or what the parameters are depends on what is given.
            if (transaction is not null)
            {
                await transaction.RollbackAsync(Name, cancellationToken).ConfigureAwait(false);
            }

            return null;
        }
    }
}
