using System.Globalization;
using System.Net.Sockets;
using AsyncPs.Data.Loading;
using MySqlConnector;

namespace AsyncPs.Data.Drivers.MySql;

/// <summary>Interprets exceptions of the driver.</summary>
internal static class MySqlFailures
{
    /// <summary>The meaning of an exception; null if it is not one of the driver's.</summary>
    public static DriverFailure? Explain(Exception exception) => exception switch
    {
        LoadException { InnerException: { } inner } => Explain(inner)!.Value with { IsOfAll = true },
        MySqlException failure => new DriverFailure(
            failure.Message,
            failure.Number == 0 ? null : failure.Number.ToString(CultureInfo.InvariantCulture),
            IsTransient: failure.IsTransient || IsLost(failure),
            IsConnection: IsLost(failure) || IsRefused(failure.ErrorCode),
            IsOfAll: IsOfAll(failure.ErrorCode)),
        MySqlEndOfStreamException or SocketException or IOException
            => new DriverFailure(exception.Message, null, IsTransient: true, IsConnection: true),
        InvalidCastException or OverflowException or FormatException or NotSupportedException or ArgumentException
            or InvalidOperationException
            => new DriverFailure(exception.Message, null, IsTransient: false, IsConnection: false),
        _ => null,
    };

    private static bool IsLost(MySqlException failure)
        => failure.ErrorCode is MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.ServerShutdown
            or MySqlErrorCode.ConnectionCountError or MySqlErrorCode.NewAbortingConnection
            || failure.InnerException is SocketException or IOException or EndOfStreamException;

    private static bool IsRefused(MySqlErrorCode code)
        => code is MySqlErrorCode.AccessDenied or MySqlErrorCode.DatabaseAccessDenied or MySqlErrorCode.UnknownDatabase
            or MySqlErrorCode.HostNotPrivileged
            or MySqlErrorCode.HostIsBlocked;

    // A missing permission, a read-only server, a full disk, a view.
    private static bool IsOfAll(MySqlErrorCode code)
        => code is MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied or MySqlErrorCode.OptionPreventsStatement
            or MySqlErrorCode.CannotExecuteInReadOnlyTransaction
            or MySqlErrorCode.RecordFileFull or MySqlErrorCode.DiskFull or MySqlErrorCode.NonInsertableTable
                or MySqlErrorCode.OpenAsReadOnly or MySqlErrorCode.NoSuchTable;
}
