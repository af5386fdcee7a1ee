namespace AsyncPs.Concurrency.Waits;

/// <summary>
/// Code that runs one statement after another: an item, or a thread of a session. It can hold resources and wait for one thing at a time.
/// <see cref="WaitGraph"/> knows which strand called which and which waits for which, so that no strand waits for something that only it
/// could return.
/// </summary>
internal abstract class Strand
{
    private List<Hold>? _holds;
    private WaitNote? _waits;

    /// <summary>The strand of this thread.</summary>
    public static Strand Current => WorkItem.Current ?? (Strand)SessionStrand.OfThread;

    /// <summary>What it waits for, for inspection; null while it runs. Set by its own code, and only for a real wait.</summary>
    public WaitNote? Waits
    {
        get => Volatile.Read(ref _waits);
        set => Volatile.Write(ref _waits, value);
    }

    /// <summary>Whether it holds anything besides its place in a call.</summary>
    public bool HasHolds
    {
        get
        {
            List<Hold>? holds = Volatile.Read(ref _holds);
            return holds is { Count: > 0 };
        }
    }

    /// <summary>Notes that it holds a resource until the result is disposed: a permit, an object of a pool, a transaction.</summary>
    /// <param name="resource">The resource, or one that it has a place of.</param>
    /// <param name="pipeline">The pipeline for whose whole duration it is held, see <see cref="CallerLink"/>; null if a block holds
    /// it.</param>
    public Hold Hold(object resource, object? pipeline = null)
    {
        var hold = new Hold(this, resource, pipeline);
        using Uninterrupted.Region region = Uninterrupted.Begin();
        List<Hold> holds = _holds ?? Interlocked.CompareExchange(ref _holds, [], null) ?? _holds;
        lock (holds)
        {
            holds.Add(hold);
        }

        return hold;
    }

    /// <summary>Notes that it no longer holds a resource.</summary>
    public void Drop(Hold hold)
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        lock (_holds!)
        {
            _holds.Remove(hold);
        }
    }

    /// <summary>Whether its place in a call holds a resource.</summary>
    public virtual bool Holds(object resource) => false;

    /// <summary>Whether it has a permit of a throttle, which it returns while it waits for its jobs.</summary>
    public virtual bool HasPermitOf(object resource) => false;

    /// <summary>Adds the strands that wait until it ends.</summary>
    public virtual void AddCallers(List<CallerLink> callers)
    {
    }

    /// <summary>Adds the resources that end with it, and those that it holds as seen from the calls of a link.</summary>
    public virtual void AddResources(in CallerLink link, List<object> resources)
    {
        foreach (Hold hold in HoldsOf(link))
        {
            resources.Add(hold.Resource);
        }
    }

    /// <summary>What it took before it made the call of a link, and therefore returns only after the call's end.</summary>
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
