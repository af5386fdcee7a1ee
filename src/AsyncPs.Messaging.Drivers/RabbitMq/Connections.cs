using RabbitMQ.Client;

namespace AsyncPs.Messaging.Drivers.RabbitMq;

/// <summary>Closes connections and channels, lost ones included.</summary>
internal static class Connections
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(2);

    /// <summary>Closes a connection; one that does not answer is abandoned.</summary>
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
            // The broker notices on its own.
        }
    }

    /// <summary>Runs work on a separate channel, whose failure does not affect other channels.</summary>
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
                // The connection is lost, together with the channel.
            }
        }
    }
}
