using System.Collections;
using System.Diagnostics;
using System.Globalization;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the ids of other PowerShell processes.</summary>
public sealed class HostProcessCompleter : Completer
{
    /// <inheritdoc/>
    private protected override IEnumerable<CompletionResult> Complete(string typed, IDictionary others) => Process
        .GetProcessesByName("pwsh")
        .Where(static process => process.Id != Environment.ProcessId)
        .Select(static process => process.Id.ToString(CultureInfo.InvariantCulture))
        .Where(id => id.StartsWith(typed, StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(static id => new CompletionResult(id, $"{id} pwsh", CompletionResultType.ParameterValue, $"pwsh with the process id {id}"));
}
