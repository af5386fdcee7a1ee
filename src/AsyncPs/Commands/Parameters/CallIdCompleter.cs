using System.Collections;
using System.Globalization;
using AsyncPs.Concurrency;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the numbers of the running calls.</summary>
public sealed class CallIdCompleter : Completer
{
    /// <inheritdoc/>
    private protected override IEnumerable<CompletionResult> Complete(string typed, IDictionary others) => LiveCalls.Snapshot()
        .Select(static call => (Number: call.Id.ToString(CultureInfo.InvariantCulture), call.Options.Source))
        .Where(call => call.Number.StartsWith(typed, StringComparison.Ordinal))
        .Select(static call => new CompletionResult(
            call.Number,
            $"{call.Number} {call.Source?.Command}",
            CompletionResultType.ParameterValue,
            call.Source is { Text.Length: > 0 } source ? source.Text : call.Number));
}
