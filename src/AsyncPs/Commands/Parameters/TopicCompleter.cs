using System.Collections;
using AsyncPs.Events;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the topics of existing subscriptions.</summary>
public sealed class TopicCompleter : Completer
{
    /// <inheritdoc/>
    private protected override IEnumerable<CompletionResult> Complete(string typed, IDictionary others)
        => PSObjectExtensions.Unwrap(others["Bus"]) is AsyncEventBus bus
            ? SessionNames.Offer(
                bus.Subscriptions
                    .SelectMany(static subscription => subscription.Topic)
                    .Where(static topic => !WildcardPattern.ContainsWildcardCharacters(topic)),
                typed)
            : [];
}
