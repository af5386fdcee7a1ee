using System.Collections;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers variables of the session.</summary>
public abstract class VariableCompleter : Completer
{
    /// <inheritdoc/>
    private protected override IEnumerable<CompletionResult> Complete(string typed, IDictionary others)
    {
        string start = typed.TrimStart('$');
        return
        [
            .. SessionNames.Variables()
                .Where(variable => Fits(variable) && variable.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                .OrderBy(static variable => variable.Name, StringComparer.OrdinalIgnoreCase)
                .Select(variable => new CompletionResult(
                    TextOf(variable),
                    variable.Name,
                    CompletionResultType.Variable,
                    Describe(variable) is { Length: > 0 } text ? text : variable.Name)),
        ];
    }

    /// <summary>Whether the parameter takes the variable's value.</summary>
    private protected abstract bool Fits(PSVariable variable);

    /// <summary>The text for the command line.</summary>
    private protected virtual string TextOf(PSVariable variable) => "$" + variable.Name;

    /// <summary>The description of the variable.</summary>
    private protected virtual string? Describe(PSVariable variable) => variable.Value.ToString();
}

/// <summary>Offers the variables of the session that hold an object of a type, such as queues for a queue parameter.</summary>
/// <typeparam name="T">The type.</typeparam>
public sealed class VariableCompleter<T> : VariableCompleter
{
    private protected override bool Fits(PSVariable variable) => PSObjectExtensions.Unwrap(variable.Value) is T;
}
