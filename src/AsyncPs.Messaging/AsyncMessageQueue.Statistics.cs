using AsyncPs.Messaging.Drivers;
using AsyncPs.Queues;

namespace AsyncPs.Messaging;

/// <content>The statistics of the queue.</content>
public sealed partial class AsyncMessageQueue
{
    // Views read several statistics of the same moment, and must not hang if the broker does not answer.
    private static readonly TimeSpan StatisticsLifetime = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StatisticsTimeout = TimeSpan.FromSeconds(2);

    // A rate over a shorter time means nothing.
    private static readonly TimeSpan RateTime = TimeSpan.FromMilliseconds(500);

    private readonly object _figuresLock = new();
    private readonly long _openedAt = System.Diagnostics.Stopwatch.GetTimestamp();
    private (long At, QueueStatistics? Statistics) _statistics;
    private (long At, long Done, long Confirmed) _rateSince;
    private (double Read, double Written) _rate;

    /// <summary>How many messages of all writers wait at the broker; null if it does not answer.</summary>
    public long? Count => Statistics?.Messages;

    /// <summary>How many consumers of all processes the broker has for the queue; null if it does not answer.</summary>
    public int? Consumers => Statistics?.Consumers;

    /// <summary>How many messages readers of this process hold: delivered and not settled.</summary>
    public long InFlight => _receiver.InFlight;

    /// <summary>How many messages were delivered ahead of the readers of this process.</summary>
    public int Ahead => _receiver.Ahead;

    /// <summary>
    /// How many messages were delivered to this process and not acknowledged yet: <see cref="InFlight"/> and <see cref="Ahead"/>.
    /// </summary>
    public long Unacknowledged => InFlight + Ahead;

    /// <summary>How many messages of this process the broker has not confirmed yet.</summary>
    public int Unconfirmed => Publisher.Unconfirmed;

    /// <summary>How many messages of this process the broker has confirmed.</summary>
    public long Written => Publisher.Confirmed;

    /// <summary>How many messages were passed to readers of this process.</summary>
    public long Received => _receiver.Received;

    /// <summary>How many of them were acknowledged.</summary>
    public long Finished => _settler.Done;

    /// <summary>How many were returned to the queue.</summary>
    public long Returned => _settler.Returned;

    /// <summary>How many have failed and are delivered again later.</summary>
    public long Retried => _settler.Retried;

    /// <summary>How many have failed for good: they are dead letters, or were dropped if there is no queue for those.</summary>
    public long DeadLettered => _settler.Dead;

    /// <summary>How many could not be settled because their connection was lost: they are delivered again.</summary>
    public long Repeated => _settler.Lost;

    /// <summary>How many times a lost connection was re-established.</summary>
    public int Reconnects => _keeper.Reconnects;

    /// <summary>Whether there is a connection at this moment.</summary>
    public bool IsConnected => _keeper.Current is not null;

    /// <summary>The reason if there is none; otherwise null.</summary>
    public string? Trouble => IsConnected ? null : _keeper.Trouble?.Message;

    /// <summary>Why the broker accepts no messages at this moment, such as <c>low on memory</c>; null if it does.</summary>
    public string? BlockedBy => _keeper.Current?.BlockedBy;

    /// <summary>How many messages per second this process has finished since the last time this was read.</summary>
    public double ReadRate => Rate().Read;

    /// <summary>How many messages per second this process has written since the last time this was read.</summary>
    public double WriteRate => Rate().Written;

    /// <summary>Whether this object takes no more messages.</summary>
    public bool IsCompleted { get; private set; }

    /// <inheritdoc/>
    public Exception? Error { get; private set; }

    /// <inheritdoc/>
    public AsyncQueueState State => Error is not null && _receiver.HasEnded ? AsyncQueueState.Failed
        : _receiver.HasEnded ? AsyncQueueState.Ended
        : IsCompleted ? AsyncQueueState.Completed
        : AsyncQueueState.Open;

    private QueueStatistics? Statistics
    {
        get
        {
            lock (_figuresLock)
            {
                if (_statistics.At == 0 || System.Diagnostics.Stopwatch.GetElapsedTime(_statistics.At) > StatisticsLifetime)
                {
                    QueueStatistics? statistics = Task.Run(FetchStatisticsAsync).GetAwaiter().GetResult();
                    _statistics = (System.Diagnostics.Stopwatch.GetTimestamp(), statistics);
                }

                return _statistics.Statistics;
            }
        }
    }

    private async Task<QueueStatistics?> FetchStatisticsAsync()
    {
        if (_settings.IsForWriting || !IsConnected)
        {
            return null;
        }

        using var timeout = new CancellationTokenSource(StatisticsTimeout);
        try
        {
            return await LookAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            return null;
        }
    }

    private (double Read, double Written) Rate()
    {
        lock (_figuresLock)
        {
            long since = _rateSince.At == 0 ? _openedAt : _rateSince.At;
            TimeSpan elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(since);
            if (elapsed >= RateTime)
            {
                long done = Finished;
                long confirmed = Written;
                _rate = (Math.Round((done - _rateSince.Done) / elapsed.TotalSeconds, 1),
                    Math.Round((confirmed - _rateSince.Confirmed) / elapsed.TotalSeconds, 1));
                _rateSince = (System.Diagnostics.Stopwatch.GetTimestamp(), done, confirmed);
            }

            return _rate;
        }
    }
}
