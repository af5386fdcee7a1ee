using System.Collections;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the forms of a duration, each with its meaning.</summary>
public sealed class DurationCompleter : Completer
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
    private protected override IEnumerable<CompletionResult> Complete(string typed, IDictionary others)
    {
        foreach ((string text, string meaning) in Forms)
        {
            if (text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            {
                yield return new CompletionResult(text, text, CompletionResultType.ParameterValue, meaning);
            }
        }

        // A typed number is offered with each unit.
        if (typed.Length > 0 && typed.All(char.IsAsciiDigit))
        {
            foreach (string unit in (string[])["ms", "s", "m", "h", "d"])
            {
                if (!Array.Exists(Forms, form => form.Text == typed + unit))
                {
                    yield return new CompletionResult(typed + unit);
                }
            }
        }
    }
}
