namespace AsyncPs.Http.Connections;

/// <summary>
/// The connections of the module, one set for all calls with the same settings, so that connections, resolved names and TLS sessions
/// outlive a call. It keeps a few sets; the one unused for longest is removed first.
/// </summary>
internal sealed class HttpConnectionPool
{
    private const int MaximumIdleSets = 8;

    private readonly object _lock = new();
    private readonly Dictionary<ConnectionSettings, ConnectionSet> _sets = [];
    private readonly LinkedList<ConnectionSet> _idle = [];

    /// <summary>The pool of the module.</summary>
    public static HttpConnectionPool Shared { get; } = new();

    /// <summary>The connections for these settings. Disposing the lease returns them.</summary>
    public HttpConnectionLease Rent(ConnectionSettings settings)
    {
        lock (_lock)
        {
            if (!settings.MayBeShared || !_sets.TryGetValue(settings, out ConnectionSet? set))
            {
                set = new ConnectionSet(settings);
                if (settings.MayBeShared)
                {
                    _sets.Add(settings, set);
                }
            }
            else if (set.Users == 0)
            {
                _idle.Remove(set);
            }

            set.Users++;
            return new HttpConnectionLease(this, set);
        }
    }

    /// <summary>Closes unused connections. Those in use are closed when they are returned.</summary>
    public void Clear()
    {
        ConnectionSet[] idle;
        lock (_lock)
        {
            idle = [.. _idle];
            _idle.Clear();
            _sets.Clear();
        }

        Close(idle);
    }

    /// <summary>Returns connections to the pool.</summary>
    public void Return(ConnectionSet set)
    {
        var superfluous = new List<ConnectionSet>();
        lock (_lock)
        {
            if (--set.Users > 0)
            {
                return;
            }

            if (_sets.TryGetValue(set.Settings, out ConnectionSet? known) && known == set)
            {
                _idle.AddLast(set);
            }
            else
            {
                superfluous.Add(set);
            }

            while (_idle.Count > MaximumIdleSets)
            {
                ConnectionSet oldest = _idle.First!.Value;
                _idle.RemoveFirst();
                _sets.Remove(oldest.Settings);
                superfluous.Add(oldest);
            }
        }

        Close(superfluous);
    }

    private static void Close(IEnumerable<ConnectionSet> sets)
    {
        foreach (ConnectionSet set in sets)
        {
            set.Dispose();
        }
    }
}
