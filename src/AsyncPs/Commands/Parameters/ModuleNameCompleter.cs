using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the modules that the session has imported, the installed ones, and files where a path is typed.</summary>
public sealed class ModuleNameCompleter : IArgumentCompleter
{
    private const string GetModule = "Microsoft.PowerShell.Core\\Get-Module";

    private static readonly Dictionary<string, object> Loaded = [];
    private static readonly Dictionary<string, object> Installed = new() { ["ListAvailable"] = true };

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        => wordToComplete.AsSpan().IndexOfAny('/', '\\') >= 0
            ? CompletionCompleters.CompleteFilename(wordToComplete)
            : SessionNames.Complete(GetModule, Loaded, wordToComplete)
                .Concat(SessionNames.Complete(GetModule, Installed, wordToComplete))
                .DistinctBy(static c => c.ListItemText, StringComparer.OrdinalIgnoreCase);
}
