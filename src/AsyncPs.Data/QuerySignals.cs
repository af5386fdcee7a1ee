using System.Diagnostics;
using AsyncPs.Data.Drivers;
using AsyncPs.Telemetry;

namespace AsyncPs.Data;

/// <summary>
/// The spans and durations of queries, by the names of OpenTelemetry's conventions. Values of parameters are not included.
/// </summary>
internal static class QuerySignals
{
    /// <summary>Whether anyone listens.</summary>
    public static bool AreWanted => ClientOperation.IsEnabled(Metrics.QueryDuration);

    /// <summary>Runs a query, with a span and a duration if there is a listener.</summary>
    /// <param name="driver">The driver of the database.</param>
    /// <param name="operation">What is done: query or import.</param>
    /// <param name="text">The text of the query, or the table.</param>
    /// <param name="run">Runs it, on the thread that the driver requires.</param>
    public static async ValueTask RunAsync(IDatabaseDriver driver, string operation, string text, Func<ValueTask> run)
    {
        ClientOperation signals = Begin(driver.Kind, operation, text);
        signals.Enter();
        try
        {
            await driver.RunAsync(run).ConfigureAwait(false);
            signals.End();
        }
        catch (Exception e)
        {
            string type = (e as DatabaseException)?.Code ?? (e.InnerException ?? e).GetType().FullName!;
            signals.End(type, e is DatabaseException ? e.Message : null);
            throw;
        }
    }

    private static ClientOperation Begin(DatabaseKind kind, string operation, string text)
    {
        string system = NameOf(kind);
        return ClientOperation.Begin(
            Metrics.QueryDuration,
            $"{operation} {system}",
            new TagList { { "db.system.name", system }, { "db.operation.name", operation } },
            new TagList { { operation == "query" ? "db.query.text" : "db.collection.name", text } });
    }

    private static string NameOf(DatabaseKind kind) => kind switch
    {
        DatabaseKind.PostgreSql => "postgresql",
        DatabaseKind.Sqlite => "sqlite",
        DatabaseKind.MySql => "mysql",
        DatabaseKind.SqlServer => "microsoft.sql_server",
        _ => "other_sql",
    };
}
