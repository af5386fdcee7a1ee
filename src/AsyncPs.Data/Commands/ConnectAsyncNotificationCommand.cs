using System.Text;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;

namespace AsyncPs.Data.Commands;

/// <summary>
/// Listens for NOTIFY on channels of a PostgreSQL database (asyncpg's <c>add_listener</c>). The notifications are read as a stream.
/// </summary>
[Cmdlet(VerbsCommunications.Connect, "AsyncNotification")]
[OutputType(typeof(NotificationListener))]
public sealed class ConnectAsyncNotificationCommand : AsyncCommand
{
    // The longest name that the server keeps; it would cut off the rest.
    private const int LongestChannel = 63;

    /// <summary>A database of Connect-AsyncDatabase.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncDatabase>))]
    public object Database { get; set; } = null!;

    /// <summary>The channels, in their exact spelling.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string[] Channel { get; set; } = [];

    /// <summary>How often the connection is checked while nothing arrives, in whole seconds. Default: 30 s.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    private protected override void End()
    {
        AsyncDatabase database = ReadDatabase();
        if (Array.Find(
            Channel,
            static channel => Encoding.UTF8.GetByteCount(channel) > LongestChannel
                || channel.Contains('\0', StringComparison.Ordinal)) is { } bad)
        {
            throw DataErrors.ArgumentInvalid(
                $"-Channel: '{bad}' is not a valid channel name. Use at most {LongestChannel} bytes, without a null character.",
                target: bad);
        }

        try
        {
            WriteObject(Wait(database.ListenAsync(Channel, KeepAlive, StopToken)));
        }
        catch (DatabaseException e)
        {
            ThrowTerminatingError(e.ErrorRecord);
        }
    }

    private AsyncDatabase ReadDatabase()
    {
        DatabaseTarget target = DatabaseArgument.Read(nameof(Database), Database);
        return target.Kind != DatabaseKind.PostgreSql
            ? throw DataErrors.ArgumentInvalid(
                $"-Database: {target.Name} has no notifications; only PostgreSQL has.",
                "NotificationsNotSupported",
                Database)
                : target as AsyncDatabase
                    ?? throw DataErrors.ArgumentInvalid(
                        "-Database is a transaction, which gets no notifications. Use the database of Connect-AsyncDatabase.",
                        "NotificationsNotSupported",
                        Database);
    }
}
