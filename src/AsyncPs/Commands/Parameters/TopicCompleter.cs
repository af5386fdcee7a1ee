using System.Collections;
using System.Management.Automation.Language;
using AsyncPs.Events;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the topics that others have subscribed to.</summary>
public sealed class TopicCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        => Wrapping.Unwrap(fakeBoundParameters["Bus"]) is AsyncEventBus bus
            ? SessionNames.Offer(
                bus.Subscriptions.SelectMany(static subscription => subscription.Topic).Where(static topic => !WildcardPattern.ContainsWildcardCharacters(topic)),
                wordToComplete)
            : [];
}
