using System.Diagnostics;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>
/// Stops a worker that sends no heartbeat while it runs items, because it is frozen or the network is gone. A live worker sends several in
/// that time, whatever its block does.
/// </summary>
/// <param name="link">The link to the worker.</param>
internal sealed class HeartbeatWatch(IRemoteLink link)
{
    // A worker sends nothing while it imports modules to open a call.
    private const int SetUpFactor = 10;

    // If the timer is this many periods late, this process was not running, which says nothing about the worker.
    private const int LateFactor = 2;

    private readonly object _lock = new();
    private Timer? _clock;
    private TimeSpan _timeout;
    private TimeSpan _period;
    private long _heardAt;
    private long _lookedAt;
    private int _heard;
    private bool _isRunning;
    private bool _isReading = true;

    /// <summary>A call opens in the worker.</summary>
    /// <param name="timeout">How long it may send nothing, or null for no limit.</param>
    /// <param name="opensLong">Whether opening may take long. It then begins with a sign of life.</param>
    public void Begin(TimeSpan? timeout, bool opensLong = false)
    {
        lock (_lock)
        {
            _clock?.Dispose();
            _clock = null;
            _heard = opensLong ? 0 : 2;
            if (timeout is { } time)
            {
                _timeout = time;
                _period = time / RemoteCall.BeatsPerTimeout;
                _heardAt = _lookedAt = Stopwatch.GetTimestamp();
                _clock = Guarded.Timer(Look);
                _clock.Change(_period, _period);
            }
        }
    }

    /// <summary>The worker sent something: first a sign that it is there, then heartbeats and output.</summary>
    public void Heard()
    {
        Volatile.Write(ref _heardAt, Stopwatch.GetTimestamp());
        _heard = Math.Min(_heard + 1, 2);
    }

    /// <summary>Whether the worker runs items.</summary>
    public void SetRunning(bool isRunning)
    {
        Volatile.Write(ref _heardAt, Stopwatch.GetTimestamp());
        Volatile.Write(ref _isRunning, isRunning);
    }

    /// <summary>Whether its output is read. While it is not, the worker may be blocked.</summary>
    public void SetReading(bool isReading)
    {
        if (isReading && !Volatile.Read(ref _isReading))
        {
            Volatile.Write(ref _heardAt, Stopwatch.GetTimestamp());
        }

        Volatile.Write(ref _isReading, isReading);
    }

    /// <summary>The call, or the worker, has ended.</summary>
    public void End() => Begin(timeout: null);

    private void Look()
    {
        lock (_lock)
        {
            if (_clock is null)
            {
                return;
            }

            bool isLate = Stopwatch.GetElapsedTime(_lookedAt) > _period * LateFactor;
            _lookedAt = Stopwatch.GetTimestamp();
            if (isLate)
            {
                Volatile.Write(ref _heardAt, _lookedAt);
                return;
            }

            TimeSpan most = _timeout * (_heard == 1 ? SetUpFactor : 1);
            if (Volatile.Read(ref _isRunning) && Volatile.Read(ref _isReading)
                && Stopwatch.GetElapsedTime(Volatile.Read(ref _heardAt)) > most)
            {
                link.Kill(RemoteErrors.SaidNothing(most));
            }
        }
    }
}
