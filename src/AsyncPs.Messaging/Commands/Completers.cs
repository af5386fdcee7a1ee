using System.Collections;
using AsyncPs.Commands.Parameters;

namespace AsyncPs.Messaging.Commands;

/// <summary>Offers addresses of brokers.</summary>
public sealed class BrokerAddressCompleter() : WordCompleter("amqp://localhost", "amqps://localhost:5671");

/// <summary>Offers the queues that this process is connected to, and those for their dead letters.</summary>
public sealed class QueueNameCompleter : Completer
{
    /// <inheritdoc/>
    private protected override IEnumerable<CompletionResult> Complete(string typed, IDictionary others)
        => OpenQueues.Names
            .SelectMany(static name => new[] { name, name + AsyncMessageQueue.DeadSuffix })
            .Where(name => name.StartsWith(typed.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(static name => new CompletionResult(
                name.All(static c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_')
                    ? name
                    : $"'{System.Management.Automation.Language.CodeGeneration.EscapeSingleQuotedStringContent(name)}'",
                name,
                CompletionResultType.ParameterValue,
                name));
}
