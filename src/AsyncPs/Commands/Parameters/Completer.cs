using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers values for a parameter by what was typed of it, and by other parameters of the same command.</summary>
public abstract class Completer : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        => Complete(wordToComplete, fakeBoundParameters);

    /// <summary>What is offered.</summary>
    /// <param name="typed">What has been typed so far, perhaps in quotes.</param>
    /// <param name="others">The other parameters of the command, as far as their values are known.</param>
    private protected abstract IEnumerable<CompletionResult> Complete(string typed, IDictionary others);
}
