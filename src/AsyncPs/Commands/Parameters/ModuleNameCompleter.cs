using System.Collections;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the imported and installed modules, and files if a path is typed.</summary>
public sealed class ModuleNameCompleter : Completer
{
    private const string GetModule = "Microsoft.PowerShell.Core\\Get-Module";

    private static readonly Dictionary<string, object> Loaded = [];
    private static readonly Dictionary<string, object> Installed = new() { ["ListAvailable"] = true };

    /// <inheritdoc/>
    private protected override IEnumerable<CompletionResult> Complete(string typed, IDictionary others)
        => typed.AsSpan().IndexOfAny('/', '\\') >= 0
            ? CompletionCompleters.CompleteFilename(typed)
            : SessionNames.Complete(GetModule, Loaded, typed)
                .Concat(SessionNames.Complete(GetModule, Installed, typed))
                .DistinctBy(static c => c.ListItemText, StringComparer.OrdinalIgnoreCase);
}
