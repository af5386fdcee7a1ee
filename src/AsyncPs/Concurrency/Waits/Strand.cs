namespace AsyncPs.Concurrency.Waits;

/// <summary>
/// Code that runs one statement after another: an item, or a thread of a session. It can hold things, and wait for one. Who has called
/// whom, and who waits for whom, is known between strands (<see cref="WaitGraph"/>), so that none waits for what only itself could give
/// back.
/// </summary>
internal abstract class Strand
{
    private List<Hold>? _holds;
    private WaitNote? _waits;

    /// <summary>The strand of the code that runs on this thread.</summary>
    public static Strand Current => WorkItem.Current ?? (Strand)SessionStrand.OfThread;

    /// <summary>What it waits for, for whoever looks; null while it runs. Noted by its own code, and only where it really waits.</summary>
    public WaitNote? Waits
    {
        get => Volatile.Read(ref _waits);
        set => Volatile.Write(ref _waits, value);
    }

    /// <summary>Whether it holds something besides what its place in a call gives it.</summary>
    public bool HasHolds
    {
        get
        {
            List<Hold>? holds = Volatile.Read(ref _holds);
            return holds is { Count: > 0 };
        }
    }

    /// <summary>Notes that it holds something until the result is disposed: a permit, an object of a pool, a transaction.</summary>
    /// <param name="resource">What it holds, or holds a place of.</param>
    /// <param name="pipeline">The pipeline for the whole of which it is held, see <see cref="CallerLink"/>; null for the time of a
    /// block.</param>
    public Hold Hold(object resource, object? pipeline = null)
    {
        var hold = new Hold(this, resource, pipeline);
        List<Hold> holds = _holds ?? Interlocked.CompareExchange(ref _holds, [], null) ?? _holds;
        lock (holds)
        {
            holds.Add(hold);
        }

        return hold;
    }

    /// <summary>It does not hold something any longer.</summary>
    public void Drop(Hold hold)
    {
        lock (_holds!)
        {
            _holds.Remove(hold);
        }
    }

    /// <summary>Whether it holds a resource by its place in a call.</summary>
    public virtual bool Holds(object resource) => false;

    /// <summary>Whether it runs with a permit of a throttle, which it returns while it waits for its jobs.</summary>
    public virtual bool HasPermitOf(object resource) => false;

    /// <summary>Adds those that wait until it ends.</summary>
    public virtual void AddCallers(List<CallerLink> callers)
    {
    }

    /// <summary>Adds what ends with it, and what it holds as seen from those whose link this is.</summary>
    public virtual void AddResources(in CallerLink link, List<object> resources)
    {
        foreach (Hold hold in HoldsOf(link))
        {
            resources.Add(hold.Resource);
        }
    }

    /// <summary>What it took before it made the call of a link, so that it gives it back only after that call's end.</summary>
    public IReadOnlyList<Hold> HoldsOf(CallerLink link)
    {
        if (Volatile.Read(ref _holds) is not { Count: > 0 } holds)
        {
            return [];
        }

        lock (holds)
        {
            return holds.FindAll(hold => hold.Since <= link.Since || (hold.Pipeline is { } pipeline && pipeline == link.Pipeline));
        }
    }
}
