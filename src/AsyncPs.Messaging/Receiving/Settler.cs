using System.Threading.Channels;
using AsyncPs.Messaging.Connections;
using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging.Receiving;

/// <summary>
/// Settles messages at the broker, in the background. Messages of a lost session cannot be settled, because the broker has already given
/// them to other readers.
/// </summary>
/// <param name="keeper">Maintains the session.</param>
internal sealed class Settler(SessionKeeper keeper)
{
    private readonly Channel<(Delivery Delivery, Settlement Settlement)> _settlements
        = Channel.CreateUnbounded<(Delivery, Settlement)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly TaskCompletionSource _allSettled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _settling;
    private bool _isEnding;
    private long _open;
    private long _done;
    private long _returned;
    private long _again;
    private long _dead;
    private long _lost;

    /// <summary>How many messages are settled here, but not at the broker yet.</summary>
    public long Open => Volatile.Read(ref _open);

    /// <summary>How many messages were acknowledged.</summary>
    public long Done => Volatile.Read(ref _done);

    /// <summary>How many messages were returned to the queue.</summary>
    public long Returned => Volatile.Read(ref _returned);

    /// <summary>How many messages have failed and are delivered again.</summary>
    public long Retried => Volatile.Read(ref _again);

    /// <summary>How many messages have failed for good.</summary>
    public long Dead => Volatile.Read(ref _dead);

    /// <summary>How many messages could not be settled because their session was lost: they are delivered again, done or not.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Starts to settle.</summary>
    public void Start() => _settling = Task.Run(SettleAsync);

    /// <summary>Adds a message to settle.</summary>
    public void Settle(Delivery delivery, in Settlement settlement)
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        // If nothing else is under way, settle at once: another thread would do so later, and the broker delivers the next message only
        // then.
        if (Interlocked.Increment(ref _open) == 1 && settlement.Kind == SettlementKind.Done)
        {
            _ = SettleAsync(delivery, settlement);
            return;
        }

        if (!_settlements.Writer.TryWrite((delivery, settlement)))
        {
            Count(settlement.Kind, isLost: true);
        }
    }

    /// <summary>Settles the remaining messages and accepts no more.</summary>
    public async Task CloseAsync()
    {
        _settlements.Writer.TryComplete();
        if (_settling is not null)
        {
            await _settling.ConfigureAwait(false);
        }

        // Failed messages are published to another queue, concurrently with the others.
        Volatile.Write(ref _isEnding, true);
        if (Interlocked.Read(ref _open) > 0)
        {
            await _allSettled.Task.ConfigureAwait(false);
        }
    }

    private async Task SettleAsync()
    {
        await foreach ((Delivery delivery, Settlement settlement) in _settlements.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            // A message that is first published elsewhere must not delay the others.
            if (settlement.Kind is SettlementKind.Done or SettlementKind.Returned)
            {
                await SettleAsync(delivery, settlement).ConfigureAwait(false);
            }
            else
            {
                _ = SettleAsync(delivery, settlement);
            }
        }
    }

    private async Task SettleAsync(Delivery delivery, Settlement settlement)
    {
        bool isLost = keeper.Current != delivery.Session;
        try
        {
            if (!isLost)
            {
                await delivery.Session.SettleAsync(delivery, settlement).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // The session is lost, or about to be.
            isLost = true;
        }

        Count(settlement.Kind, isLost);
    }

    private void Count(SettlementKind kind, bool isLost)
    {
        switch (kind)
        {
            case var _ when isLost:
                Interlocked.Increment(ref _lost);
                break;
            case SettlementKind.Done:
                Interlocked.Increment(ref _done);
                break;
            case SettlementKind.Returned:
                Interlocked.Increment(ref _returned);
                break;
            case SettlementKind.Again:
                Interlocked.Increment(ref _again);
                break;
            case SettlementKind.Dead:
            default:
                Interlocked.Increment(ref _dead);
                break;
        }

        if (Interlocked.Decrement(ref _open) == 0 && Volatile.Read(ref _isEnding))
        {
            _allSettled.TrySetResult();
        }
    }
}
