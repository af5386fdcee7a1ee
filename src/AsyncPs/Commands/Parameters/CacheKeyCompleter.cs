using System.Collections;
using AsyncPs.Caching;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the keys of a cache that are words.</summary>
public sealed class CacheKeyCompleter : Completer
{
    /// <inheritdoc/>
    private protected override IEnumerable<CompletionResult> Complete(string typed, IDictionary others)
        => PSObjectExtensions.Unwrap(others["Cache"]) is AsyncCache cache
            ? SessionNames.Offer(
                cache.Keys.Where(static key => key is string or IFormattable).Select(static key => key.ToString() ?? ""),
                typed)
            : [];
}
