using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using AsyncPs.Data.Loading;
using Microsoft.Data.SqlClient;

namespace AsyncPs.Data.Drivers.SqlServer;

/// <summary>Interprets exceptions of the driver.</summary>
internal static class SqlServerFailures
{
    // From this severity on, the server ends the session.
    private const byte Fatal = 20;

    /// <summary>The meaning of an exception; null if it is not one of the driver's.</summary>
    public static DriverFailure? Explain(Exception exception) => exception switch
    {
        LoadException { InnerException: { } inner } => Explain(inner)!.Value with { IsOfAll = true },
        SqlException failure => Explain(failure.Number, failure.Class, failure.Message, failure.InnerException),
        SocketException or IOException => new DriverFailure(exception.Message, null, IsTransient: true, IsConnection: true),
        InvalidCastException or OverflowException or FormatException or NotSupportedException or ArgumentException
            or InvalidOperationException
            => new DriverFailure(exception.Message, null, IsTransient: false, IsConnection: false),
        _ => null,
    };

    /// <summary>The meaning of an error of the server.</summary>
    /// <param name="number">Its number; 0 or less for an error of the driver.</param>
    /// <param name="severity">Its severity.</param>
    /// <param name="message">Its text.</param>
    /// <param name="inner">Its cause on this side, or null.</param>
    public static DriverFailure Explain(int number, byte severity, string message, Exception? inner)
    {
        bool isRefused = inner is AuthenticationException || number is 18456 or 18452 or 18470 or 4060 or 4064;
        bool isConnection = isRefused
            || severity >= Fatal
            || inner is SocketException
            || number is 53 or 64 or 233 or 258 or 6005 or 10053 or 10054 or 10060 or 10061 or 11001 or 17142;
        return new DriverFailure(
            message,
            number > 0 ? number.ToString(CultureInfo.InvariantCulture) : null,

            // A deadlock, a lock time-out, conflicting snapshots; an Azure database that is busy or moves.
            IsTransient: (isConnection && !isRefused)
                || number is -2 or 1205 or 1222 or 3960 or 10928 or 10929 or 40197 or 40501 or 40613 or 49918 or 49919 or 49920,
            IsConnection: isConnection,

            // A missing permission or table, a view, a read-only or full database.
            IsOfAll: number is 208 or 229 or 230 or 1105 or 3906 or 4406 or 9002);
    }
}
