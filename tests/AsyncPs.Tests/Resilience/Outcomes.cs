using System.Management.Automation;
using AsyncPs.Resilience;

namespace AsyncPs.Tests.Resilience;

/// <summary>How attempts end.</summary>
internal static class Outcomes
{
    public static AttemptOutcome Failed(bool mayRetry = true, TimeSpan? delay = null)
        => AttemptOutcome.Failure(new ErrorRecord(new IOException("no"), "No", ErrorCategory.NotSpecified, null), mayRetry, delay);
}
