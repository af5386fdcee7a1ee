using AsyncPs.Messaging.Drivers;
using AsyncPs.Queues;

namespace AsyncPs.Messaging;

/// <content>The statistics that show how the queue gets on.</content>
public sealed partial class AsyncMessageQueue
{
    // Views ask for several statistics of one moment, and must not hang where the broker does not answer.
    private static readonly TimeSpan StatisticsLifetime = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StatisticsTimeout = TimeSpan.FromSeconds(2);

    // Shorter ones say nothing.
    private static readonly TimeSpan RateTime = TimeSpan.FromMilliseconds(500);

    private readonly object _figuresLock = new();
    private readonly long _openedAt = System.Diagnostics.Stopwatch.GetTimestamp();
    private (long At, QueueStatistics? Statistics) _statistics;
    private (long At, long Done, long Confirmed) _rateSince;
    private (double Read, double Written) _rate;

    /// <summary>How many messages wait at the broker, of all its writers; null when it does not answer.</summary>
    public long? Count => Statistics?.Messages;

    /// <summary>How many consumers the broker has for the queue, of all processes; null when it does not answer.</summary>
    public int? Consumers => Statistics?.Consumers;

    /// <summary>How many messages are with readers of this process: handed out, and not settled.</summary>
    public long InFlight => _receiver.InFlight;

    /// <summary>How many messages the broker has delivered ahead of the readers of this process.</summary>
    public int Ahead => _receiver.Ahead;

    /// <summary>
    /// How many messages the broker has delivered to this process that are not acknowledged yet: <see cref="InFlight"/> and <see
    /// cref="Ahead"/>.
    /// </summary>
    public long Unacknowledged => InFlight + Ahead;

    /// <summary>How many messages of this process the broker has not confirmed yet.</summary>
    public int Unconfirmed => Publisher.Unconfirmed;

    /// <summary>How many messages of this process the broker has confirmed.</summary>
    public long Written => Publisher.Confirmed;

    /// <summary>How many messages were handed to readers of this process.</summary>
    public long Received => _receiver.Received;

    /// <summary>How many of them were acknowledged.</summary>
    public long Finished => _settler.Done;

    /// <summary>How many went back to the queue.</summary>
    public long Returned => _settler.Returned;

    /// <summary>How many have failed and come again later.</summary>
    public long Retried => _settler.Retried;

    /// <summary>How many have failed for good: they are among the dead letters, or dropped where there are none.</summary>
    public long DeadLettered => _settler.Dead;

    /// <summary>How many could not be acknowledged or returned, because the connection they came on was lost: they come again.</summary>
    public long Repeated => _settler.Lost;

    /// <summary>How many times a lost connection was made again.</summary>
    public int Reconnects => _keeper.Reconnects;

    /// <summary>Whether there is a connection at this moment.</summary>
    public bool IsConnected => _keeper.Current is not null;

    /// <summary>Why there is none, or null.</summary>
    public string? Trouble => IsConnected ? null : _keeper.Trouble?.Message;

    /// <summary>Why the broker takes no messages at this moment, such as <c>low on memory</c>; null when it does.</summary>
    public string? BlockedBy => _keeper.Current?.BlockedBy;

    /// <summary>How many messages a second this process has finished, since it was last asked for.</summary>
    public double ReadRate => Rate().Read;

    /// <summary>How many messages a second this process has written, since it was last asked for.</summary>
    public double WriteRate => Rate().Written;

    /// <summary>Whether nothing more can be written here.</summary>
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
