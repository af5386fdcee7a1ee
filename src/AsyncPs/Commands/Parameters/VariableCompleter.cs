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

    /// <summary>Whether the parameter takes it.</summary>
    private protected abstract bool Fits(PSVariable variable);

    /// <summary>What stands in the command line then.</summary>
    private protected virtual string TextOf(PSVariable variable) => "$" + variable.Name;

    /// <summary>What is said of it.</summary>
    private protected virtual string? Describe(PSVariable variable) => variable.Value.ToString();
}

/// <summary>Offers the variables of the session that hold an object of a type: queues where a queue is asked for.</summary>
/// <typeparam name="T">The type.</typeparam>
public sealed class VariableCompleter<T> : VariableCompleter
{
    private protected override bool Fits(PSVariable variable) => PSObjectExtensions.Unwrap(variable.Value) is T;
}
