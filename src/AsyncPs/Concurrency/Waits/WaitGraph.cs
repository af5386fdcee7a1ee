namespace AsyncPs.Concurrency.Waits;

/// <summary>
/// Which strand waits for which. How the items of a call relate is known from their calls and costs nothing. A wait is registered only
/// if it could be for the strand itself. It may be for an end that others bring about. Or it may be for a place of a resource, if the
/// strand, or one that waits for it, already holds a place there.
/// </summary>
internal static class WaitGraph
{
    private static readonly object Lock = new();

    // The strands that wait until no holder of a resource is left.
    private static readonly Dictionary<object, List<CallerLink>> Ends = new(ReferenceEqualityComparer.Instance);

    // The strands that wait for a place, each with the places that it blocks as long as it waits.
    private static readonly Dictionary<object, List<Wait>> Places = new(ReferenceEqualityComparer.Instance);

    private static int _ends;

    /// <summary>Registers that a strand waits until all are done with a resource. Dispose the result when the wait is over.</summary>
    /// <param name="strand">The strand.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="error">Makes the error; null if the resource cannot be held yet.</param>
    /// <exception cref="DeadlockException">The strand would wait for itself.</exception>
    public static Wait ForEnd(Strand strand, object resource, Func<DeadlockException>? error = null)
    {
        lock (Lock)
        {
            if (error is not null && Around(strand).Exists(link => HasPlace(link, resource)))
            {
                throw error();
            }

            if (!Ends.TryGetValue(resource, out List<CallerLink>? waiting))
            {
                Ends.Add(resource, waiting = []);
            }

            CallerLink link = CallerLink.All(strand);
            waiting.Add(link);
            _ends++;
            return new Wait(() => Leave(resource, link));
        }
    }

    /// <summary>Registers that a strand waits for a place of a limited resource. Dispose the result when the wait is over.</summary>
    /// <param name="strand">The strand.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="places">How many may hold it at the same time.</param>
    /// <param name="error">Makes the error.</param>
    /// <returns>Null when no strand that waits for this one holds a place.</returns>
    /// <exception cref="DeadlockException">All places are held by strands that wait for this one, or for a place like it.</exception>
    public static Wait? ForPlace(Strand strand, object resource, int places, Func<DeadlockException> error)
        => IsAlone(strand) && !strand.Holds(resource) ? null : ForPlace(strand, [(resource, places)], error);

    /// <summary>As the other overload, for a place of any of several resources.</summary>
    public static Wait? ForPlace(Strand strand, IReadOnlyList<(object Resource, int Places)> any, Func<DeadlockException> error)
    {
        lock (Lock)
        {
            List<CallerLink> around = Around(strand);
            List<(object Resource, Place Place)> own = [];
            foreach ((object resource, _) in any)
            {
                around.ForEach(link => own.AddRange(PlacesOf(link, resource).Select(place => (resource, place))));
            }

            if (own.Count == 0)
            {
                return null;
            }

            Wait? wait = null;
            wait = new Wait(() => LeavePlaces(wait!)) { Kept = own };
            foreach ((object resource, _) in own)
            {
                if (!Places.TryGetValue(resource, out List<Wait>? waiting))
                {
                    Places.Add(resource, waiting = []);
                }

                waiting.Add(wait);
            }

            if (any.All(static wanted => Kept(wanted.Resource) >= wanted.Places))
            {
                LeavePlaces(wait);
                throw error();
            }

            return wait;
        }
    }

    /// <summary>How many places of a resource a strand and those that wait for it hold.</summary>
    public static int CountAround(Strand strand, object resource)
    {
        lock (Lock)
        {
            return Around(strand).SelectMany(link => PlacesOf(link, resource)).Distinct().Count();
        }
    }

    /// <summary>Whether a thread of a session waits for a strand: then only code that runs beside it could end a deadlock.</summary>
    public static bool IsAwaitedBySession(Strand strand)
    {
        lock (Lock)
        {
            return Around(strand).Exists(static link => link.Strand is SessionStrand);
        }
    }

    /// <summary>The resources whose end a strand waits for.</summary>
    public static IReadOnlyList<object> AwaitedBy(Strand strand)
    {
        lock (Lock)
        {
            return [.. Ends.Where(entry => entry.Value.Exists(link => link.Strand == strand)).Select(static entry => entry.Key)];
        }
    }

    // The most common case by far: a session, or an item of its call, and only items hold anything.
    private static bool IsAlone(Strand strand)
        => Volatile.Read(ref _ends) == 0
            && !strand.HasHolds
            && (strand is SessionStrand
                || (strand is WorkItem { Outer: null, Call: { Scope: null, Caller: var caller } }
                    && caller is null or { Strand: SessionStrand { HasHolds: false } }));

    // The strand, those that wait for it, those that wait for them, and so on.
    private static List<CallerLink> Around(Strand strand)
    {
        List<CallerLink> around = [CallerLink.All(strand)];
        List<CallerLink> callers = [];
        List<object> resources = [];
        HashSet<CallerLink> seen = [.. around];
        for (int i = 0; i < around.Count; i++)
        {
            callers.Clear();
            around[i].Strand.AddCallers(callers);
            if (Ends.Count > 0)
            {
                resources.Clear();
                around[i].Strand.AddResources(around[i], resources);
                foreach (object resource in resources)
                {
                    callers.AddRange(Ends.GetValueOrDefault(resource) ?? []);
                }
            }

            around.AddRange(callers.Where(seen.Add));
        }

        return around;
    }

    private static bool HasPlace(CallerLink link, object resource) => PlacesOf(link, resource).Any();

    private static IEnumerable<Place> PlacesOf(CallerLink link, object resource)
    {
        if (link.Strand.Holds(resource) && !(link.ReturnsPermits && link.Strand.HasPermitOf(resource)))
        {
            yield return new Place(link.Strand, null);
        }

        foreach (Hold hold in link.Strand.HoldsOf(link))
        {
            if (hold.Resource == resource)
            {
                yield return new Place(link.Strand, hold);
            }
        }
    }

    // How many places waiting strands block. Places that a strand has returned for a time do not count.
    private static int Kept(object resource)
        => (Places.GetValueOrDefault(resource) ?? [])
            .SelectMany(wait => wait.Kept
                .Where(kept => kept.Resource == resource && kept.Place.IsHeld(resource))
                .Select(static kept => kept.Place))
            .Distinct().Count();

    private static void Leave(object resource, CallerLink link)
    {
        lock (Lock)
        {
            if (Ends.TryGetValue(resource, out List<CallerLink>? waiting) && waiting.Remove(link))
            {
                _ends--;
                if (waiting.Count == 0)
                {
                    Ends.Remove(resource);
                }
            }
        }
    }

    private static void LeavePlaces(Wait wait)
    {
        lock (Lock)
        {
            foreach ((object resource, _) in wait.Kept)
            {
                if (Places.TryGetValue(resource, out List<Wait>? waiting) && waiting.Remove(wait) && waiting.Count == 0)
                {
                    Places.Remove(resource);
                }
            }
        }
    }

    /// <summary>A wait of a strand. Disposing it ends the wait, once.</summary>
    internal sealed class Wait(Action leave) : IDisposable
    {
        private int _over;

        /// <summary>The places that stay taken until it is over.</summary>
        public IReadOnlyList<(object Resource, Place Place)> Kept { get; init; } = [];

        /// <summary>Ends the wait.</summary>
        public void Dispose()
        {
            using Uninterrupted.Region region = Uninterrupted.Begin();
            if (Interlocked.Exchange(ref _over, 1) == 0)
            {
                leave();
            }
        }
    }

    /// <summary>A place that a strand holds: one that it took, or the one that it has as an item.</summary>
    internal readonly record struct Place(Strand Strand, Hold? Hold)
    {
        /// <summary>Whether it is still held.</summary>
        public bool IsHeld(object resource) => Hold?.IsHeld ?? Strand.Holds(resource);
    }
}
