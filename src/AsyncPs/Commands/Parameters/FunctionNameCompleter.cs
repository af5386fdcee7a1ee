using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the functions, filters and aliases of the session.</summary>
public sealed class FunctionNameCompleter : IArgumentCompleter
{
    private static readonly Dictionary<string, object> Parameters = new()
    {
        ["CommandType"] = CommandTypes.Function | CommandTypes.Filter | CommandTypes.Alias,
        ["ListImported"] = true,
    };

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        => SessionNames.Complete("Microsoft.PowerShell.Core\\Get-Command", Parameters, wordToComplete);
}
