namespace AsyncPs.Concurrency;

/// <summary>The numbers of items of calls.</summary>
/// <param name="Started">Started items.</param>
/// <param name="Ended">Started items that have ended.</param>
/// <param name="Failed">Started items that have failed.</param>
/// <param name="Retried">The number of retries.</param>
internal readonly record struct CallTotals(long Started, long Ended, long Failed, long Retried)
{
    /// <summary>The sum of two.</summary>
    public static CallTotals operator +(CallTotals a, CallTotals b)
        => new(a.Started + b.Started, a.Ended + b.Ended, a.Failed + b.Failed, a.Retried + b.Retried);
}
