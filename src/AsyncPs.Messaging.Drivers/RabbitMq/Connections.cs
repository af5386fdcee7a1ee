using RabbitMQ.Client;

namespace AsyncPs.Messaging.Drivers.RabbitMq;

/// <summary>The end of connections and channels, be they lost already or not.</summary>
internal static class Connections
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(2);

    /// <summary>Closes a connection; one that does not answer is let go of.</summary>
    public static async ValueTask EndAsync(this IConnection connection)
    {
        try
        {
            await connection.CloseAsync(Constants.ReplySuccess, "Goodbye", WaitLimit, abort: true, CancellationToken.None)
                .WaitAsync(WaitLimit * 2).ConfigureAwait(false);
            await connection.DisposeAsync().AsTask().WaitAsync(WaitLimit).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The broker finds out by itself.
        }
    }

    /// <summary>Does something on a channel of its own: one that fails takes no other with it.</summary>
    public static async ValueTask<T> OnChannelAsync<T>(
        this IConnection connection, Func<IChannel, Task<T>> act, CancellationToken cancellationToken)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        try
        {
            return await act(channel).ConfigureAwait(false);
        }
        finally
        {
            try
            {
                await channel.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception)
            {
                // The connection is lost, and the channel with it.
            }
        }
    }
}
