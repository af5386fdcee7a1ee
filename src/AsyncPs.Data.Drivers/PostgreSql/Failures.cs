using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using AsyncPs.Data.Loading;
using Npgsql;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>Interprets exceptions of the driver.</summary>
internal static partial class Failures
{
    // The driver indicates it only by this text, in the same exception as for a server that does not answer.
    private const string PoolIsExhausted = "pool has been exhausted";

    /// <summary>The meaning of an exception; null if it is not one of the driver's.</summary>
    public static DriverFailure? Explain(Exception exception) => exception switch
    {
        LoadException { InnerException: PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } late }
            => Explain(late)!.Value with { IsTransient = true },
        LoadException { InnerException: { } inner } => Explain(inner)!.Value with { IsOfAll = true },
        UnknownTypeException => new DriverFailure(exception.Message, null, IsTransient: false, IsConnection: false, IsStale: true),
        PostgresException { SqlState: PostgresErrorCodes.FeatureNotSupported, Routine: "RevalidateCachedQuery" } changed
            => new DriverFailure(Message(changed), changed.SqlState, IsTransient: true, IsConnection: false, IsStale: true),
        PostgresException said => new DriverFailure(
            Message(said),
            said.SqlState,
            IsTransient: said.IsTransient
                || said.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
                || IsLost(said.SqlState),
            IsConnection: IsLost(said.SqlState)
                || (said.SqlState.StartsWith("08", StringComparison.Ordinal) && said.SqlState != PostgresErrorCodes.ProtocolViolation)
                || said.SqlState.StartsWith("28", StringComparison.Ordinal)
                || said.SqlState is PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.InvalidCatalogName),
        NpgsqlException { InnerException: TimeoutException }
            when exception.Message.Contains(PoolIsExhausted, StringComparison.Ordinal) => new DriverFailure(
                "No connection became free in time, because too many queries have unread rows. Read them sooner, or raise -PoolSize.",
                null,
                IsTransient: true,
                IsConnection: true),
        NpgsqlException { InnerException: TimeoutException } => new DriverFailure(
            "The server did not answer within the time that the connection string allows.", null, IsTransient: true, IsConnection: true),
        NpgsqlException { InnerException: AuthenticationException } => new DriverFailure(
            Message(exception), null, IsTransient: false, IsConnection: true),
        NpgsqlException or SocketException or EndOfStreamException => new DriverFailure(
            Message(exception), null, IsTransient: IsOfNetwork(exception), IsConnection: IsConnection(exception)),
        IOException => new DriverFailure(exception.Message, null, IsTransient: true, IsConnection: true),

        InvalidCastException or NotSupportedException
            when UnknownValue().Match(exception.Message) is { Success: true } value => new DriverFailure(
                $"PostgreSQL has no type for a {value.Groups[1]}. Pass it as a string, a number, a date, bytes or another plain value.",
                null,
                IsTransient: false,
                IsConnection: false),

        // Values that the driver cannot read or write, and uses of a broken connection.
        InvalidCastException or OverflowException or FormatException or NotSupportedException or ArgumentException => new DriverFailure(
            exception.Message, null, IsTransient: false, IsConnection: false),
        InvalidOperationException => new DriverFailure(exception.Message, null, IsTransient: false, IsConnection: false),
        _ => null,
    };

    /// <summary>A message of the server.</summary>
    public static string Text(PostgresNotice said)
        => string.Join(" ", new[] { said.MessageText, said.Detail, said.Hint }.Where(static part => !string.IsNullOrEmpty(part)));

    private static bool IsConnection(Exception exception) => IsOfNetwork(exception) || exception.InnerException is null;

    // Without a cause, the exception is about the driver itself: it cannot log in, or does not understand the server. What was done is
    // then unknown.
    private static bool IsOfNetwork(Exception exception)
        => exception is not NpgsqlException || exception.InnerException is IOException or SocketException;

    // The server ends the session because it shuts down, has crashed, or an administrator asked for it.
    private static bool IsLost(string state)
        => state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow;

    private static string Message(Exception exception)
        => exception.InnerException is (SocketException or AuthenticationException) and { } inner
            && !exception.Message.Contains(inner.Message, StringComparison.Ordinal)
            ? $"{exception.Message}: {inner.Message.TrimEnd('.')}."
            : exception.Message;

    private static string Message(PostgresException said)
        => said.MessageText
            + (said.Hint is { Length: > 0 } hint ? " " + hint : "")
            + (said.ConstraintName is { Length: > 0 } constraint && !said.MessageText.Contains(constraint, StringComparison.Ordinal)
                ? $" ({constraint})"
                : "")
            + $" ({said.SqlState})";

    // The rest of the driver's message names options that only .NET code can set.
    [GeneratedRegex("^Writing values of '([^']+)' is not supported", RegexOptions.CultureInvariant)]
    private static partial Regex UnknownValue();
}
