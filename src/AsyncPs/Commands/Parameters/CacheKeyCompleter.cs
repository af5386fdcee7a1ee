using System.Collections;
using System.Management.Automation.Language;
using AsyncPs.Caching;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the keys of a cache that are words.</summary>
public sealed class CacheKeyCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        => Wrapping.Unwrap(fakeBoundParameters["Cache"]) is AsyncCache cache
            ? SessionNames.Offer(cache.Keys.Where(static key => key is string or IFormattable).Select(static key => key.ToString() ?? ""), wordToComplete)
            : [];
}
