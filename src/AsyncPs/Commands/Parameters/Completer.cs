using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers values for a parameter from what was typed and from the other parameters of the command.</summary>
public abstract class Completer : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        => Complete(wordToComplete, fakeBoundParameters);

    /// <summary>The values to offer.</summary>
    /// <param name="typed">What was typed so far, perhaps in quotes.</param>
    /// <param name="others">The other parameters of the command, as far as their values are known.</param>
    private protected abstract IEnumerable<CompletionResult> Complete(string typed, IDictionary others);
}
