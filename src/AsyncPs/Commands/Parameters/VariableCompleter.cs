using System.Collections;
using System.Management.Automation.Language;

namespace AsyncPs.Commands.Parameters;

/// <summary>Offers the variables of the session that hold what a parameter takes.</summary>
public abstract class VariableCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string start = wordToComplete.TrimStart('$');
        return
        [
            .. SessionNames.Variables()
                .Where(variable => Wrapping.Unwrap(variable.Value) is { } value && Fits(value) && variable.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                .OrderBy(static variable => variable.Name, StringComparer.OrdinalIgnoreCase)
                .Select(static variable => new CompletionResult("$" + variable.Name, variable.Name, CompletionResultType.Variable, variable.Value.ToString() ?? variable.Name)),
        ];
    }

    private protected abstract bool Fits(object value);
}

/// <summary>Offers the variables of the session that hold an object of a type: queues where a queue is asked for.</summary>
/// <typeparam name="T">The type.</typeparam>
public sealed class VariableCompleter<T> : VariableCompleter
{
    private protected override bool Fits(object value) => value is T;
}
