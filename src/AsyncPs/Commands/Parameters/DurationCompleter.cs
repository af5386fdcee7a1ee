using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the forms of a duration, each with what it means.</summary>
public sealed class DurationCompleter : IArgumentCompleter
{
    private static readonly (string Text, string Meaning)[] Forms =
    [
        ("500ms", "500 milliseconds"),
        ("1s", "1 second; a bare number means seconds too"),
        ("30s", "30 seconds"),
        ("2m", "2 minutes"),
        ("1h", "1 hour"),
        ("1d", "1 day"),
        ("Infinite", "no end"),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        foreach ((string text, string meaning) in Forms)
        {
            if (text.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
            {
                yield return new CompletionResult(text, text, CompletionResultType.ParameterValue, meaning);
            }
        }

        // A number typed so far: with each unit.
        if (wordToComplete.Length > 0 && wordToComplete.All(char.IsAsciiDigit))
        {
            foreach (string unit in (string[])["ms", "s", "m", "h", "d"])
            {
                yield return new CompletionResult(wordToComplete + unit);
            }
        }
    }
}
