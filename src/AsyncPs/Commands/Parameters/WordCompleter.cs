using System.Collections;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers likely words for a parameter; other values are allowed too.</summary>
public abstract class WordCompleter : Completer
{
    private readonly string[] _words;

    private protected WordCompleter(params string[] words) => _words = words;

    /// <inheritdoc/>
    private protected override IEnumerable<CompletionResult> Complete(string typed, IDictionary others)
        => _words.Where(word => word.StartsWith(typed, StringComparison.OrdinalIgnoreCase)).Select(word => new CompletionResult(word));
}
