using System.Threading.Channels;
using AsyncPs.Data.Drivers;
using AsyncPs.Streams;

namespace AsyncPs.Data;

/// <summary>
/// Listens on channels of a database, on its own connection (asyncpg's <c>add_listener</c>). The notifications are a stream; each goes to
/// one reader. A limited number is received ahead; beyond that the server has to keep them.
/// </summary>
public sealed class NotificationListener : IAsyncEnumerable<DatabaseNotification>, IStreamable, IAsyncDisposable, IDisposable
{
    private const int Ahead = 1000;

    private readonly Channel<DatabaseNotification> _notifications =
        System.Threading.Channels.Channel.CreateBounded<DatabaseNotification>(new BoundedChannelOptions(Ahead) { SingleWriter = true });
    private readonly CancellationTokenSource _closing = new();
    private readonly INotificationSource _source;
    private readonly AsyncDatabase _database;
    private readonly Task _receiving;
    private long _received;

    private NotificationListener(AsyncDatabase database, IReadOnlyList<string> channels, INotificationSource source)
    {
        _database = database;
        _source = source;
        Channel = [.. channels];
        database.Remember(this);
        _receiving = Task.Run(ReceiveAsync);
    }

    /// <summary>The database.</summary>
    public string Database => _database.Name;

    /// <summary>The channels it listens on.</summary>
    public string[] Channel { get; }

    /// <summary>How many notifications were received.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>How many received notifications were not read yet.</summary>
    public int Count => _notifications.Reader.Count;

    /// <summary>Whether it no longer listens: it was closed, or the connection was lost.</summary>
    public bool IsClosed => _receiving.IsCompleted;

    /// <summary>Reads the notifications until it is closed.</summary>
    /// <param name="cancellationToken">Ends the reading, not the listening.</param>
    /// <exception cref="DatabaseException">The connection was lost.</exception>
    public IAsyncEnumerator<DatabaseNotification> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        => _notifications.Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>Ends the listening. Received notifications can still be read.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
    }

    /// <summary>Ends the listening.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Channel);

    /// <inheritdoc/>
    StreamSource IStreamable.Open(CancellationToken stopping) => new ChannelSource<DatabaseNotification>(_notifications.Reader, stopping);

    /// <summary>Starts to listen: all notifications sent from now on are received.</summary>
    /// <param name="database">The database.</param>
    /// <param name="channels">The channels.</param>
    /// <param name="keepAlive">How often to check the connection while nothing arrives, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="DatabaseException">The database was closed, or the server cannot be connected to.</exception>
    internal static async ValueTask<NotificationListener> OpenAsync(
        AsyncDatabase database,
        IReadOnlyList<string> channels,
        TimeSpan keepAlive,
        CancellationToken cancellationToken)
    {
        try
        {
            INotificationSource source = await database.Driver.ListenAsync(channels, keepAlive, cancellationToken).ConfigureAwait(false);
            return new NotificationListener(database, channels, source);
        }
        catch (Exception e) when (e is not OperationCanceledException && database.Driver.Explain(e) is { } failure)
        {
            throw DataErrors.Failed(failure, e);
        }
    }

    private async Task ReceiveAsync()
    {
        Exception? failure;
        try
        {
            while (true)
            {
                await HandOverAsync(await _source.WaitAsync(_closing.Token).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            failure = _closing.IsCancellationRequested
                ? null
                : DataErrors.ListeningEnded(_database.Name, _database.Driver.Explain(e)?.Message ?? e.Message, e);
        }

        try
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (_database.Driver.Explain(e) is not null)
        {
            // The connection was already lost.
        }
        finally
        {
            _database.Forget(this);
            _notifications.Writer.TryComplete(failure);
        }
    }

    private async ValueTask HandOverAsync(IReadOnlyList<DatabaseNotification> come)
    {
        foreach (DatabaseNotification notification in come)
        {
            Interlocked.Increment(ref _received);
            await _notifications.Writer.WriteAsync(notification, _closing.Token).ConfigureAwait(false);
        }
    }
}
