namespace AsyncPs.Concurrency;

/// <summary>How many items calls have had.</summary>
/// <param name="Started">Those that somebody has begun to run.</param>
/// <param name="Ended">Those of them that have ended.</param>
/// <param name="Failed">Those of them that have failed.</param>
/// <param name="Retried">How often one was tried again.</param>
internal readonly record struct CallTotals(long Started, long Ended, long Failed, long Retried)
{
    /// <summary>The sum of two.</summary>
    public static CallTotals operator +(CallTotals a, CallTotals b)
        => new(a.Started + b.Started, a.Ended + b.Ended, a.Failed + b.Failed, a.Retried + b.Retried);
}
