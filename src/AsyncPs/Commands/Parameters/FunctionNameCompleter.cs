using System.Collections;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the functions, filters and aliases of the session.</summary>
public sealed class FunctionNameCompleter : Completer
{
    private static readonly Dictionary<string, object> Parameters = new()
    {
        ["CommandType"] = CommandTypes.Function | CommandTypes.Filter | CommandTypes.Alias,
        ["ListImported"] = true,
    };

    /// <inheritdoc/>
    private protected override IEnumerable<CompletionResult> Complete(string typed, IDictionary others)
        => SessionNames.Complete("Microsoft.PowerShell.Core\\Get-Command", Parameters, typed);
}
